#include "tiercel/watch/reconciler.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "hand_clock.h"

namespace tiercel::watch {
namespace {

constexpr const char* kPage = R"(# HELP apiserver_audit_event_total [ALPHA] Counter of audit events.
# TYPE apiserver_audit_event_total counter
apiserver_audit_event_total 1.2e+06
apiserver_audit_error_total{plugin="webhook"} 3
apiserver_audit_error_total{plugin="log"} 9
apiserver_audit_level_total{level="Metadata"} 5
apiserver_audit_level_total{level="None"} 44
apiserver_audit_requests_rejected_total 2
apiserver_audit_event_total_of_another 7
apiserver_request_total{code="200"} 1
process_start_time_seconds 1.70000000025e+09
process_start_time_seconds_of_another 3
apiserver_audit_error_total{plugin="broken
)";

TEST(AuditCounters, AreReadFromThePage) {
  const AuditCounters counters = read_counters(kPage);
  EXPECT_TRUE(counters.has_events);
  EXPECT_EQ(counters.events, 1'200'000U);
  EXPECT_EQ(counters.errors.at("webhook"), 3U);
  EXPECT_EQ(counters.errors.at("log"), 9U);
  EXPECT_EQ(counters.level_none, 44U);
  EXPECT_EQ(counters.rejected_requests, 2U);
  // A double of seconds holds it to some hundred nanoseconds.
  EXPECT_NEAR(static_cast<double>(counters.started), 1'700'000'000'250e6, 1e3);
}

TEST(AuditCounters, OfAnythingElseThereAreNone) {
  for (const char* const text : {"", "{}", "<html>\n", "apiserver_audit_event_totals 1\n"}) {
    EXPECT_FALSE(read_counters(text).has_events) << text;
  }
  EXPECT_EQ(read_counters("apiserver_audit_event_total NaN\n").events, 0U);
  EXPECT_EQ(read_counters("apiserver_audit_event_total -5\n").events, 0U);
  EXPECT_EQ(read_counters("apiserver_audit_event_total 1e300").events, 0U);
}

class ReconcilerTest : public testing::Test {
 protected:
  static AuditCounters of(std::uint64_t events, std::uint64_t webhook_errors = 0) {
    AuditCounters counters;
    counters.has_events = true;
    counters.events = events;
    counters.errors["webhook"] = webhook_errors;
    return counters;
  }
  // A round: what both apiservers say, and what has arrived.
  void round(std::uint64_t first, std::uint64_t second, std::uint64_t arrived) {
    clock_.pass_seconds(60);
    reconciler_.take(0, of(first));
    reconciler_.take(1, of(second));
    reconciler_.compare(arrived);
  }
  std::string told() {
    std::string codes;
    for (const Finding& finding : findings_) {
      codes += (codes.empty() ? "" : " ") + finding.code;
    }
    findings_.clear();
    return codes;
  }

  support::HandClock clock_;
  base::Metrics metrics_;
  std::vector<Finding> findings_;
  Reconciler reconciler_{{.urls = {"http://a/metrics", "http://b/metrics"}},
                         [this](Finding one) { findings_.push_back(std::move(one)); },
                         clock_,
                         metrics_};
};

TEST_F(ReconcilerTest, WhatComesLateIsNotMissing) {
  round(50'000, 900, 7);
  round(51'000, 900, 7);  // all of it on its way
  round(51'000, 900, 7);
  EXPECT_EQ(reconciler_.status().missing, 0U);
  round(51'000, 900, 1007);
  round(51'000, 900, 1007);
  EXPECT_EQ(reconciler_.status().generated, 1000U);
  EXPECT_EQ(reconciler_.status().arrived, 1000U);
  EXPECT_EQ(reconciler_.status().missing, 0U);
  EXPECT_EQ(told(), "");
}

TEST_F(ReconcilerTest, WhatDoesNotComeIsMissing) {
  round(0, 0, 0);
  round(1000, 500, 0);
  round(1000, 500, 1200);
  round(1000, 500, 1200);
  EXPECT_EQ(told(), "");
  round(1000, 500, 1200);
  ASSERT_EQ(findings_.size(), 1U);
  EXPECT_NE(findings_[0].message.find("at least 300 of 1500"), std::string::npos)
      << findings_[0].message;
  EXPECT_EQ(told(), "events_missing");
  // It begins anew, so that the same loss is told once; an hour without one ends it.
  for (int at = 0; at < 59; ++at) {
    round(1000, 500, 1200);
  }
  EXPECT_EQ(told(), "");
  round(1000, 500, 1200);
  ASSERT_EQ(findings_.size(), 1U);
  EXPECT_NE(findings_[0].message.find("at least 300 had"), std::string::npos);
  EXPECT_EQ(told(), "events_complete");
}

// An alert of Prometheus's waits for minutes, and somebody comes to look after an hour.
TEST_F(ReconcilerTest, ALossStaysInGaugeAndStatusUntilItIsOver) {
  const auto shown = [this] {
    EXPECT_EQ(metrics_.value(base::Metric::kApiserverEventsMissing), reconciler_.status().missing);
    return reconciler_.status().missing;
  };
  round(0, 0, 0);
  for (int at = 0; at < 4; ++at) {
    round(1000, 500, 1200);
  }
  EXPECT_EQ(told(), "events_missing");
  for (int at = 0; at < 30; ++at) {
    EXPECT_EQ(shown(), 300U) << at;
    round(1000, 500, 1200);
  }
  round(3, 500, 1200);  // a restart begins the comparison anew, and forgets no loss
  EXPECT_EQ(shown(), 300U);
  for (int at = 0; at < 28; ++at) {
    round(3, 500, 1200);
    EXPECT_EQ(shown(), 300U) << at;
  }
  EXPECT_EQ(told(), "");
  round(3, 500, 1200);  // an hour after the loss, whatever has restarted since
  EXPECT_EQ(told(), "events_complete");
  EXPECT_EQ(shown(), 0U);
}

TEST_F(ReconcilerTest, RestartsDoNotKeepALossFromEnding) {
  round(0, 0, 0);
  for (int at = 0; at < 4; ++at) {
    round(1000, 500, 1200);
  }
  EXPECT_EQ(told(), "events_missing");
  std::uint64_t events = 1000;
  for (int at = 1; at <= 60; ++at) {
    EXPECT_EQ(told(), "") << at;
    events = at % 20 == 0 ? 7 : events + 10;  // three times within the hour
    round(events, 500, 1200 + static_cast<std::uint64_t>(at) * 10);
  }
  EXPECT_EQ(reconciler_.status().peers[0].restarts, 3U);
  EXPECT_EQ(told(), "events_complete");
}

// Behind a balancer's address another one answers each time, so that nothing can be compared.
TEST_F(ReconcilerTest, ALossEndsWhereEveryAnswerIsAnother) {
  round(0, 0, 0);
  for (int at = 0; at < 4; ++at) {
    round(1000, 500, 1200);
  }
  EXPECT_EQ(told(), "events_missing");
  for (int at = 0; at < 59; ++at) {
    round(at % 2 == 0 ? 1 : 0, 500, 1200);
  }
  EXPECT_EQ(told(), "");
  round(0, 500, 1200);
  ASSERT_EQ(findings_.size(), 1U);
  EXPECT_NE(findings_[0].message.find("nothing could be compared"), std::string::npos)
      << findings_[0].message;
  EXPECT_EQ(told(), "events_complete");
  EXPECT_EQ(reconciler_.status().missing, 0U);
}

TEST_F(ReconcilerTest, ATimeWithoutAnswersEndsNoLoss) {
  round(0, 0, 0);
  for (int at = 0; at < 4; ++at) {
    round(1000, 500, 1200);
  }
  EXPECT_EQ(told(), "events_missing");
  for (int at = 0; at < 30; ++at) {
    round(1000, 500, 1200);
  }
  for (int at = 0; at < 100; ++at) {
    clock_.pass_seconds(60);
    reconciler_.failed(0, "refused");
    reconciler_.failed(1, "refused");
    reconciler_.compare(1200);
  }
  EXPECT_EQ(told(), "scrape_failed scrape_failed");
  EXPECT_EQ(reconciler_.status().missing, 300U);
  for (int at = 0; at < 29; ++at) {
    round(1000, 500, 1200);
  }
  EXPECT_EQ(told(), "scrape_recovered scrape_recovered");
  round(1000, 500, 1200);
  ASSERT_EQ(findings_.size(), 1U);
  EXPECT_NE(findings_[0].message.find("without another loss"), std::string::npos)
      << findings_[0].message;
}

// What is missing stays so until the comparison begins anew, and is no other loss meanwhile.
TEST_F(ReconcilerTest, ASecondLossEndsAnHourAfterIt) {
  round(0, 0, 0);
  for (int at = 0; at < 4; ++at) {
    round(1000, 0, 700);
  }
  EXPECT_EQ(told(), "events_missing");
  for (int at = 0; at < 4; ++at) {
    round(3000, 0, 1700);
  }
  for (int at = 0; at < 59; ++at) {
    EXPECT_EQ(told(), "") << at;
    round(3000, 0, 1700);
  }
  EXPECT_EQ(reconciler_.status().missing, 1300U);
  round(3000, 0, 1700);
  EXPECT_EQ(told(), "events_complete");
}

// 1,000 events a second with pauses, in which it is seen that some are missing always.
TEST_F(ReconcilerTest, ASmallShareOfManyNeitherKeepsNorGrowsALoss) {
  std::uint64_t generated = 0;
  std::uint64_t missing = 0;
  // The most that was shown. A little less than an hour, so that each comparison ends in a pause.
  const auto pass = [&](std::uint64_t lost_a_minute) {
    std::uint64_t most = 0;
    for (int at = 0; at < 57; ++at) {
      generated += at < 47 ? 60'000 : 0;
      missing += at < 47 ? lost_a_minute : 0;
      round(generated, 0, generated - missing);
      most = std::max(most, reconciler_.status().missing);
    }
    return most;
  };
  round(0, 0, 0);
  EXPECT_EQ(pass(4), Reconciler::kTolerated) << "no alert of Prometheus's";
  EXPECT_EQ(told(), "");

  const std::uint64_t lost = pass(2'000);
  EXPECT_EQ(told(), "events_missing");
  EXPECT_GE(lost, 25'000U);
  EXPECT_EQ(pass(4), lost + Reconciler::kTolerated) << "a few are seen";
  EXPECT_EQ(told(), "events_complete");
  EXPECT_LE(reconciler_.status().missing, Reconciler::kTolerated);
  EXPECT_EQ(pass(4), Reconciler::kTolerated);
  EXPECT_EQ(told(), "");

  EXPECT_GE(pass(2'000), 25'000U);
  EXPECT_EQ(told(), "events_missing") << "the next one is told too";
}

// It is far under the share of all that came later, and lost all the same.
TEST_F(ReconcilerTest, WhatWasLostSinceStaysCountedWhenManyMoreHaveCome) {
  round(0, 0, 0);
  for (int at = 0; at < 4; ++at) {
    round(1000, 0, 700);
  }
  EXPECT_EQ(told(), "events_missing");
  std::uint64_t generated = 1000;
  for (int at = 0; at < 10; ++at) {
    round(generated += 100, 0, 700);
  }
  for (int at = 0; at < 50; ++at) {
    generated += at < 45 ? 60'000 : 0;
    round(generated, 0, generated - 1300);
    EXPECT_GE(reconciler_.status().missing, 300U) << at;
  }
  EXPECT_EQ(reconciler_.status().missing, 1300U) << "and the comparison began anew";
  EXPECT_EQ(reconciler_.status().generated, 0U);
  EXPECT_EQ(told(), "");
}

TEST_F(ReconcilerTest, ALossThatGoesOnIsToldOnceAndGrows) {
  std::uint64_t generated = 0;
  round(generated, 0, 0);
  std::uint64_t before = 0;
  for (int at = 0; at < 120; ++at) {
    generated += 1000;
    round(generated, 0, generated / 2);
    EXPECT_GE(reconciler_.status().missing, before) << at;
    before = reconciler_.status().missing;
  }
  EXPECT_EQ(told(), "events_missing");
  EXPECT_GT(before, 30'000U);
  EXPECT_LE(before, 60'000U);
  for (int at = 0; at < 70; ++at) {
    round(generated, 0, generated / 2);
  }
  EXPECT_EQ(told(), "events_complete");
}

TEST_F(ReconcilerTest, AFewAreNotTold) {
  round(0, 0, 0);
  round(100, 0, 0);
  for (int at = 0; at < 5; ++at) {
    round(100, 0, 0);
  }
  EXPECT_EQ(reconciler_.status().missing, 100U);
  EXPECT_EQ(metrics_.value(base::Metric::kApiserverEventsMissing), 100U);
  EXPECT_EQ(told(), "");
}

TEST_F(ReconcilerTest, ARestartedApiserverBeginsAnew) {
  round(1'000'000, 0, 0);
  round(1'005'000, 0, 4'000);
  round(3, 0, 4'000);  // what it counted before its end is not known
  EXPECT_EQ(reconciler_.status().peers[0].restarts, 1U);
  for (int at = 0; at < 5; ++at) {
    round(3, 0, 4'000);
  }
  EXPECT_EQ(told(), "");
  EXPECT_EQ(reconciler_.status().missing, 0U);
  EXPECT_EQ(reconciler_.status().generated, 0U);
}

// A balancer's address: each of its apiservers has counted for itself, and long ago.
TEST_F(ReconcilerTest, AnotherApiserverBehindTheSameAddressIsNoGrowth) {
  AuditCounters one = of(5'000, 1);
  one.started = clock_.now() - 7'000'000'000;
  AuditCounters other = of(90'000, 40);
  other.started = clock_.now() - 9'000'000'000;
  for (int at = 0; at < 10; ++at) {
    clock_.pass_seconds(60);
    reconciler_.take(0, at % 2 == 0 ? one : other);
    reconciler_.take(1, of(0));
    reconciler_.compare(0);
  }
  EXPECT_EQ(reconciler_.status().peers[0].restarts, 9U);
  EXPECT_EQ(told(), "");
  other.started = clock_.now() + 1'000'000'000;  // a process of its own since the last answer
  clock_.pass_seconds(60);
  reconciler_.take(0, other);
  EXPECT_EQ(told(), "audit_errors");
}

// What one counted while it did not answer may have arrived before the comparison began.
TEST_F(ReconcilerTest, OneThatDidNotAnswerJoinsWithItsNextAnswer) {
  round(100, 100, 0);
  clock_.pass_seconds(60);
  reconciler_.take(0, of(5));  // restarted: all begins anew
  reconciler_.failed(1, "connection refused");
  reconciler_.compare(9'000);
  for (int at = 0; at < 5; ++at) {
    round(5, 9'100, 9'000);
  }
  EXPECT_EQ(reconciler_.status().missing, 0U);
  EXPECT_EQ(told(), "");
}

TEST_F(ReconcilerTest, ErrorsAreToldOnceAndTheirEnd) {
  clock_.pass_seconds(60);
  reconciler_.take(0, of(10, 40));  // of before the start
  reconciler_.take(0, of(10, 40));
  EXPECT_EQ(told(), "");
  reconciler_.take(0, of(10, 42));
  ASSERT_EQ(findings_.size(), 1U);
  EXPECT_NE(findings_[0].message.find("2 in plugin webhook"), std::string::npos);
  EXPECT_EQ(findings_[0].apiserver, "http://a/metrics");
  EXPECT_EQ(told(), "audit_errors");
  reconciler_.take(0, of(10, 43));
  EXPECT_EQ(told(), "");
  EXPECT_EQ(metrics_.value(base::Metric::kApiserverAuditErrors), 3U);
  clock_.pass_seconds(600);
  reconciler_.take(0, of(10, 43));
  EXPECT_EQ(told(), "audit_errors_ended");
}

TEST_F(ReconcilerTest, ErrorsOfARestartedApiserverCount) {
  reconciler_.take(0, of(1000, 40));
  reconciler_.take(0, of(10, 5));
  EXPECT_EQ(told(), "audit_errors");
  EXPECT_EQ(metrics_.value(base::Metric::kApiserverAuditErrors), 5U);
}

TEST_F(ReconcilerTest, ErrorsOfItsLogFileAreNotOurs) {
  AuditCounters counters = of(10);
  reconciler_.take(0, counters);
  counters.errors["log"] = 12;
  reconciler_.take(0, counters);
  EXPECT_EQ(told(), "");
}

TEST_F(ReconcilerTest, ThatItCannotBeReadIsToldAfterThreeTries) {
  reconciler_.failed(1, "connection refused");
  reconciler_.failed(1, "connection refused");
  EXPECT_EQ(told(), "");
  reconciler_.failed(1, "connection refused");
  reconciler_.failed(1, "connection refused");
  EXPECT_EQ(told(), "scrape_failed");
  EXPECT_EQ(reconciler_.status().peers[1].last_error, "connection refused");
  EXPECT_EQ(metrics_.value(base::Metric::kApiserverScrapeErrors), 4U);
  reconciler_.take(1, of(1));
  EXPECT_EQ(told(), "scrape_recovered");
}

}  // namespace
}  // namespace tiercel::watch
