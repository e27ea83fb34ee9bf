// A loss that was told, and how it ends.
#include <algorithm>

#include "reconciler_fixture.h"

namespace tiercel::watch {
namespace {

using ReconcilerLoss = ReconcilerTest;

// An alert of Prometheus's waits for minutes, and somebody comes to look after an hour.
TEST_F(ReconcilerLoss, ALossStaysInGaugeAndStatusUntilItIsOver) {
  const auto shown = [this] {
    EXPECT_EQ(metrics_.value(base::Metric::kApiserverEventsMissing), reconciler_.status().missing);
    return reconciler_.status().missing;
  };
  lose_300();
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

TEST_F(ReconcilerLoss, RestartsDoNotKeepALossFromEnding) {
  lose_300();
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
TEST_F(ReconcilerLoss, ALossEndsWhereEveryAnswerIsAnother) {
  lose_300();
  for (int at = 0; at < 59; ++at) {
    round(at % 2 == 0 ? 1 : 0, 500, 1200);
  }
  EXPECT_EQ(told(), "");
  round(0, 500, 1200);
  ASSERT_EQ(findings_.size(), 1U);
  EXPECT_NE(findings_[0].message.find("nothing could be compared"), std::string::npos)
      << findings_[0].message;
  EXPECT_EQ(told(), "events_not_compared");
  EXPECT_EQ(reconciler_.status().missing, 0U);
}

TEST_F(ReconcilerLoss, ATimeWithoutAnswersEndsNoLoss) {
  lose_300();
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
  EXPECT_NE(findings_[0].message.find("no other loss of audit events was seen for 1h"),
            std::string::npos)
      << findings_[0].message;
}

// What is missing stays so until the comparison begins anew, and is no other loss meanwhile.
TEST_F(ReconcilerLoss, ASecondLossEndsAnHourAfterIt) {
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

// Late events that were counted as missing, and have come, say nothing of those lost afterwards.
TEST_F(ReconcilerLoss, ALateArrivalHidesNoLaterLoss) {
  lose_300();
  for (int at = 0; at < 5; ++at) {
    round(6000, 500, 1200);
  }
  for (int at = 0; at < 25; ++at) {
    round(6000, 500, 6200);
  }
  EXPECT_EQ(reconciler_.status().missing, 300U);
  for (int at = 0; at < 4; ++at) {
    round(9000, 500, 6200);
  }
  EXPECT_EQ(reconciler_.status().missing, 3300U);
  for (int at = 0; at < 59; ++at) {
    EXPECT_EQ(told(), "") << at;
    round(9000, 500, 6200);
  }
  round(9000, 500, 6200);
  EXPECT_EQ(told(), "events_complete");
}

// Between answers each of another one, rounds without any make no comparison.
TEST_F(ReconcilerLoss, FailedScrapesAreNoComparison) {
  lose_300();
  std::string message;
  for (int at = 0; at < 400 && message.empty(); ++at) {
    clock_.pass_seconds(60);
    if (at % 5 == 0) {
      reconciler_.take(0, of(static_cast<std::uint64_t>(900 - at)));
    } else {
      reconciler_.failed(0, "refused");
    }
    reconciler_.failed(1, "refused");
    reconciler_.compare(1200);
    for (const Finding& finding : findings_) {
      EXPECT_NE(finding.code, "events_complete") << finding.message;
      message += finding.code == "events_not_compared" ? finding.message : "";
    }
    findings_.clear();
  }
  EXPECT_NE(message.find("nothing could be compared"), std::string::npos) << message;
}

// 1,000 events a second with pauses, in which it is seen that some are missing always.
TEST_F(ReconcilerLoss, ASmallShareOfManyNeitherKeepsNorGrowsALoss) {
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
  EXPECT_EQ(pass(4), Comparison::kTolerated) << "no alert of Prometheus's";
  EXPECT_EQ(told(), "");

  const std::uint64_t lost = pass(2'000);
  EXPECT_EQ(told(), "events_missing");
  EXPECT_GE(lost, 25'000U);
  EXPECT_EQ(pass(4), lost + Comparison::kTolerated) << "a few are seen";
  EXPECT_EQ(pass(4), lost + Comparison::kTolerated);
  EXPECT_EQ(told(), "");
  (void)pass(4);
  EXPECT_EQ(told(), "events_complete");
  EXPECT_LE(reconciler_.status().missing, Comparison::kTolerated);
  EXPECT_EQ(pass(4), Comparison::kTolerated);
  EXPECT_EQ(told(), "");

  EXPECT_GE(pass(2'000), 25'000U);
  EXPECT_EQ(told(), "events_missing") << "the next one is told too";
}

// It is far under the share of all that came later, and lost all the same.
TEST_F(ReconcilerLoss, WhatWasLostSinceStaysCountedWhenManyMoreHaveCome) {
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
  EXPECT_EQ(reconciler_.status().missing, 1300U);
  for (int at = 0; at < 8; ++at) {
    EXPECT_EQ(told(), "") << at;
    round(generated, 0, generated - 1300);
    EXPECT_EQ(reconciler_.status().missing, 1300U) << "whatever has begun anew";
  }
  round(generated, 0, generated - 1300);
  EXPECT_EQ(told(), "events_complete") << "an hour after the thousand";
}

TEST_F(ReconcilerLoss, ALossThatGoesOnIsToldOnceAndGrows) {
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

}  // namespace
}  // namespace tiercel::watch
