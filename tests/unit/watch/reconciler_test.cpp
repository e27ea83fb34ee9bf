#include "tiercel/watch/reconciler.h"

#include "reconciler_fixture.h"

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

TEST(AuditCounters, PluginsAreFewAndTheirNamesShort) {
  std::string page = "apiserver_audit_event_total 1\n";
  for (int at = 0; at < 100; ++at) {
    page += "apiserver_audit_error_total{plugin=\"" + std::to_string(100 + at) +
            std::string(100, 'x') + "\"} 1\n";
  }
  const AuditCounters counters = read_counters(page);
  EXPECT_EQ(counters.errors.size(), 32U);
  for (const auto& [plugin, count] : counters.errors) {
    EXPECT_EQ(plugin.size(), 64U);
    EXPECT_EQ(count, 1U);
  }
}

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
  EXPECT_EQ(reconciler_.status().peers[0].errors, 3U);
  EXPECT_EQ(reconciler_.status().peers[1].errors, 0U);
  clock_.pass_seconds(600);
  reconciler_.take(0, of(10, 43));
  EXPECT_EQ(told(), "audit_errors_ended");
}

TEST_F(ReconcilerTest, ThePasswordOfAnAddressIsNotShown) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"https://u:p@ss@10.0.0.1:6443/metrics", "https://10.0.0.1:6443/metrics"},
      {"http://u@[::1]?a=b@c", "http://[::1]?a=b@c"},
      {"http://a/m@trics", "http://a/m@trics"},
      {"http://a", "http://a"}};
  for (const auto& [url, wanted] : cases) {
    const Reconciler one(
        {.urls = {url}}, [](const Finding&) {}, clock_, metrics_);
    EXPECT_EQ(one.status().peers.front().url, wanted);
  }
}

TEST_F(ReconcilerTest, RefusedRequestsAreCountedOfEach) {
  AuditCounters counters = of(10);
  counters.rejected_requests = 7;  // of before the start
  reconciler_.take(1, counters);
  EXPECT_EQ(reconciler_.status().peers[1].rejected_requests, 0U);
  counters.rejected_requests = 9;
  reconciler_.take(1, counters);
  EXPECT_EQ(reconciler_.status().peers[0].rejected_requests, 0U);
  EXPECT_EQ(reconciler_.status().peers[1].rejected_requests, 2U);
  EXPECT_EQ(told(), "audit_errors");
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
