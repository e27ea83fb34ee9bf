#include "runner_report.h"

#include <array>
#include <future>
#include <numeric>

#include <gtest/gtest.h>

#include "hand_clock.h"

namespace tiercel::output {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

class RunnerReportTest : public testing::Test {
 protected:
  RunnerReport::Failure failure() const {
    return {{"refused", "connection refused\nforged line", "10.0.0.1:443"},
            milliseconds(4000),
            false,
            {3400, support::HandClock::kStart}};
  }

  support::HandClock clock_;
  base::Metrics metrics_;
  std::vector<std::string> codes_;
  std::vector<std::string> messages_;
  RunnerReport report_{{"siem", "http", clock_, metrics_,
                        [this](const std::string& code, const std::string& message) {
                          codes_.push_back(code);
                          messages_.push_back(message);
                        },
                        nullptr, seconds(2)}};
};

TEST_F(RunnerReportTest, LogsASlowDeliveryOnceAnEpisode) {
  testing::internal::CaptureStderr();
  for (const int lasts : {3, 3, 3, 0, 7}) {
    report_.delivery_begins();
    clock_.pass_seconds(lasts);
    report_.delivery_ends();
  }
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(count(log, "a delivery took"), 2U) << log;
  EXPECT_EQ(count(log, "a delivery took 3 s"), 1U) << log;
  EXPECT_EQ(count(log, "a delivery took 7 s"), 1U) << log;
}

TEST_F(RunnerReportTest, MeasuresFromTheEventToItsDelivery) {
  const std::int64_t now = clock_.now();
  const std::array<std::int64_t, 3> times{now - 2'000'000'000, now, kNoEvent};
  report_.delivered(times);
  const OutputStatus status = report_.status();
  EXPECT_EQ(status.delivered, 3U);
  EXPECT_EQ(status.last_success, now);
  EXPECT_EQ(status.latency.milliseconds, 2'000U);
  EXPECT_EQ(status.latency.counts.front(), 1U);
  EXPECT_EQ(status.latency.counts[1], 0U);
  EXPECT_EQ(std::accumulate(status.latency.counts.begin(), status.latency.counts.end(), 0U), 2U)
      << "an alert about ourselves has no event";
  EXPECT_EQ(metrics_.value(base::Metric::kOutputDelivered), 3U);
}

// The output stands still then, though its peer is well: nobody else would say so.
TEST_F(RunnerReportTest, TellsOfDeadLettersThatCannotBeWrittenForLong) {
  report_.bury_failed({"dead_letters", "no folder", {}});
  EXPECT_NE(report_.status().failing_since, 0);
  report_.look();
  EXPECT_TRUE(codes_.empty()) << "a command may hold the file for a moment";
  for (int second = 0; second < 20; ++second) {
    clock_.pass_seconds(1);
    report_.bury_failed({"dead_letters", "no folder", {}});
    report_.look();
  }
  EXPECT_EQ(codes_, std::vector<std::string>{"output_failed"});
  report_.buried({}, "too old", "file");
  EXPECT_EQ(report_.status().failing_since, 0);
  report_.succeeded();
  EXPECT_EQ(codes_, (std::vector<std::string>{"output_failed", "output_recovered"}));
}

TEST_F(RunnerReportTest, WhatThePeerSaidIsNotLostInTroubleOfOurOwn) {
  report_.failed(failure());
  const std::string said = report_.last_error();
  EXPECT_EQ(count(said, "connection refused"), 1U) << said;
  report_.bury_failed({"dead_letters", "no folder", {}});
  EXPECT_EQ(report_.last_error(), said) << "the reason of the letters to come";
  EXPECT_EQ(report_.status().last_error, "no folder");
  report_.buried({}, "too old", "file");
  EXPECT_EQ(report_.status().last_error, said);
  report_.succeeded();
  EXPECT_EQ(report_.last_error(), "");
}

// It refused one alert and put another off; the one waits for room, and no delivery is tried.
TEST_F(RunnerReportTest, AFullFileThatHoldsTheOutputUpIsNotThePeersFault) {
  const DeadLetters::Outcome full{0, 0, 1, {0}};
  report_.failed(failure());
  for (int second = 0; second < 20; ++second) {
    report_.buried(full, "refused", "/p", RunnerReport::Meanwhile::kWaits);
    clock_.pass_seconds(1);
    report_.look();
  }
  EXPECT_EQ(codes_, std::vector<std::string>{"dead_letters_full"});
  EXPECT_EQ(count(report_.status().last_error, "dead-letter file is full"), 1U)
      << report_.status().last_error;
  EXPECT_EQ(report_.status().failing_since, support::HandClock::kStart);
  EXPECT_EQ(report_.status().next_try, 0) << "it would lie in the past";
  // Alerts that are too old and find no room are tried meanwhile: there it is the peer's.
  for (int second = 0; second < 20; ++second) {
    report_.failed(failure());
    report_.buried(full, "too old", "/p", RunnerReport::Meanwhile::kGoesOn);
    clock_.pass_seconds(1);
    report_.look();
  }
  EXPECT_EQ(count(report_.status().last_error, "connection refused"), 1U)
      << report_.status().last_error;
  EXPECT_NE(report_.status().next_try, 0);
  EXPECT_EQ(codes_, (std::vector<std::string>{"dead_letters_full", "output_failed"}));
}

TEST_F(RunnerReportTest, AFullFileThatHoldsTheOutputUpFailsSinceThen) {
  const DeadLetters::Outcome full{0, 0, 1, {0}};
  report_.buried(full, "refused", "/p", RunnerReport::Meanwhile::kWaits);
  clock_.pass_seconds(60);
  report_.buried(full, "refused", "/p", RunnerReport::Meanwhile::kWaits);
  EXPECT_EQ(report_.status().failing_since, support::HandClock::kStart);
  report_.buried({1, 0}, "refused", "/p", RunnerReport::Meanwhile::kWaits);
  EXPECT_EQ(report_.status().failing_since, 0);
  EXPECT_EQ(report_.status().last_error, "");
}

TEST_F(RunnerReportTest, FailsSinceTheFirstTroubleWhicheverItWas) {
  report_.bury_failed({"dead_letters", "no folder", {}});
  clock_.pass_seconds(30);
  report_.failed(failure());
  EXPECT_EQ(report_.status().failing_since, support::HandClock::kStart);
  clock_.pass_seconds(30);
  report_.buried({1, 0}, "too old", "/p");
  EXPECT_EQ(report_.status().failing_since, support::HandClock::kStart);
  report_.succeeded();
  EXPECT_EQ(report_.status().failing_since, 0);
}

TEST_F(RunnerReportTest, SaysOfThePeerWhatThePeerSaid) {
  report_.failed(failure());
  clock_.pass_seconds(6);
  report_.bury_failed({"dead_letters", "no folder", {}});
  report_.look();
  ASSERT_EQ(codes_, std::vector<std::string>{"output_failed"});
  EXPECT_EQ(count(messages_.back(), "does not take alerts"), 1U) << messages_.back();
  EXPECT_EQ(count(messages_.back(), "connection refused"), 1U) << messages_.back();
}

// The peer failed for a moment only: what lasts is trouble of our own, and is told as that.
TEST_F(RunnerReportTest, SaysOfItsLettersWhatIsWrongWithThem) {
  report_.failed(failure());
  for (int second = 0; second < 6; ++second) {
    report_.bury_failed({"dead_letters", "no folder", {}}, RunnerReport::Meanwhile::kWaits);
    clock_.pass_seconds(1);
    report_.look();
  }
  ASSERT_EQ(codes_, std::vector<std::string>{"output_failed"});
  EXPECT_EQ(count(messages_.back(), "cannot be written: no folder"), 1U) << messages_.back();
}

// The output takes alerts again just when its failure is told of.
TEST(RunnerReportOrder, ARecoveryIsToldAfterItsFailure) {
  support::HandClock clock;
  base::Metrics metrics;
  std::vector<std::string> codes;
  std::future<void> delivered;
  RunnerReport* of = nullptr;
  const auto on_event = [&](const std::string& code, const std::string&) {
    if (code == "output_failed") {
      delivered = std::async(std::launch::async, [&] { of->succeeded(); });
      // As long as the other thread may take; where it waits for this one, in vain.
      delivered.wait_for(milliseconds(200));
      EXPECT_NE(of->status().failures, 0U) << "who asks how it is does not wait";
    }
    codes.push_back(code);
  };
  RunnerReport report({"siem", "http", clock, metrics, on_event, nullptr, seconds(2)});
  of = &report;
  report.failed({{"refused", "connection refused", "10.0.0.1:443"}, milliseconds(4000), false, {}});
  clock.pass_seconds(6);
  report.look();
  delivered.get();
  EXPECT_EQ(codes, (std::vector<std::string>{"output_failed", "output_recovered"}));
}

TEST_F(RunnerReportTest, TellsOfADeliveryThatDoesNotEndWhileItLasts) {
  testing::internal::CaptureStderr();
  report_.delivery_begins();
  clock_.pass_seconds(1);
  report_.look();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  testing::internal::CaptureStderr();
  clock_.pass_seconds(2);
  report_.look();
  report_.look();
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(count(log, "in one delivery for 3 s"), 1U) << log;
  EXPECT_EQ(count(log, "\n"), 1U) << log;
  EXPECT_TRUE(codes_.empty());
  EXPECT_EQ(report_.status().delivering_since, support::HandClock::kStart);
  clock_.pass_seconds(2);
  report_.look();
  report_.look();
  EXPECT_EQ(codes_, (std::vector<std::string>{"output_failed"}));
  // Long deliveries that succeed are one episode: it ends with a short one.
  for (const int lasts : {0, 6, 6, 0}) {
    clock_.pass_seconds(lasts);
    report_.look();
    report_.delivery_ends();
    EXPECT_EQ(report_.status().delivering_since, 0);
    report_.succeeded();
    report_.delivery_begins();
  }
  EXPECT_EQ(codes_, (std::vector<std::string>{"output_failed", "output_recovered"}));
}

TEST_F(RunnerReportTest, SaysSinceWhenItFailsAndWhenItTriesAgain) {
  report_.failed(failure());
  clock_.pass_seconds(3);
  report_.failed(failure());
  EXPECT_EQ(report_.status().failing_since, support::HandClock::kStart);
  EXPECT_EQ(report_.status().next_try, support::HandClock::kStart + 7'000'000'000);
  report_.succeeded();
  EXPECT_EQ(report_.status().failing_since, 0);
  EXPECT_EQ(report_.status().next_try, 0);
}

TEST_F(RunnerReportTest, LogsAFailureAtOnceAndThenOnceAMinute) {
  testing::internal::CaptureStderr();
  for (int second = 0; second < 130; ++second) {
    report_.failed(failure());
    clock_.pass_seconds(1);
  }
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(count(log, "does not take alerts"), 3U) << log;
  EXPECT_EQ(count(log, "\n"), 3U) << "what a peer says makes no line of its own: " << log;
  for (const char* part :
       {"output 'siem' (http)", "10.0.0.1:443", "failing since 2026-01-02T03:04:05.000Z", "(1 try)",
        "(61 tries)", "3400 alerts wait", "next try in 4 s"}) {
    EXPECT_NE(log.find(part), std::string::npos) << part << " in " << log;
  }
  EXPECT_EQ(codes_, (std::vector<std::string>{"output_failed"}));
  EXPECT_EQ(report_.status().failures, 130U);
}

TEST_F(RunnerReportTest, TellsOfAFailureThatLastsWithoutAnotherTry) {
  report_.failed(failure());
  report_.look();
  EXPECT_TRUE(codes_.empty());
  clock_.pass_seconds(6);
  report_.look();
  report_.look();
  EXPECT_EQ(codes_, (std::vector<std::string>{"output_failed"}));
  report_.succeeded();
  EXPECT_EQ(codes_.back(), "output_recovered");
}

TEST_F(RunnerReportTest, DeadLettersAreAnEpisodeThatEndsAfterAQuietTime) {
  for (int minute = 0; minute < 30; ++minute) {
    report_.buried({1, 0}, "refused", "/p");
    clock_.pass_seconds(60);
  }
  EXPECT_EQ(codes_.size(), 1U);
  clock_.pass_seconds(601);
  report_.buried({1, 0}, "refused", "/p");
  EXPECT_EQ(codes_, (std::vector<std::string>{"output_dead_letters", "output_dead_letters"}));
  EXPECT_EQ(metrics_.value(base::Metric::kOutputDeadLettered), 31U);
}

TEST_F(RunnerReportTest, ALossThatGoesOnIsToldOfOnceAMinuteWithTheSum) {
  testing::internal::CaptureStderr();
  for (int second = 0; second < 61; ++second) {
    report_.buried({0, 2}, "refused", "/p");
    clock_.pass_seconds(1);
  }
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(count(log, ": 2 alerts are lost for it"), 1U) << log;
  EXPECT_EQ(count(log, ": 120 alerts are lost for it"), 1U) << log;
  EXPECT_EQ(codes_, (std::vector<std::string>{"dead_letters_full", "dead_letters_full"}));
}

TEST_F(RunnerReportTest, AFullFileIsToldOfAgainOnceThereWasRoom) {
  report_.buried({0, 5}, "refused", "/p");
  report_.buried({0, 5}, "refused", "/p");
  report_.buried({1, 0}, "refused", "/p");
  report_.buried({0, 5}, "refused", "/p");
  EXPECT_EQ(codes_, (std::vector<std::string>{"dead_letters_full", "output_dead_letters",
                                              "dead_letters_full"}));
  EXPECT_EQ(report_.status().dropped, 15U);
}

}  // namespace
}  // namespace tiercel::output
