#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tiercel/watch/reconciler.h"

#include "hand_clock.h"

namespace tiercel::watch {

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
  // 300 events, of which it is told with the fifth round.
  void lose_300() {
    round(0, 0, 0);
    for (int at = 0; at < 4; ++at) {
      round(1000, 500, 1200);
    }
    EXPECT_EQ(told(), "events_missing");
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

}  // namespace tiercel::watch
