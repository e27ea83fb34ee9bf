#include "tiercel/watch/apiservers.h"

#include <gtest/gtest.h>

#include "hand_clock.h"

namespace tiercel::watch {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

class ApiserversTest : public testing::Test {
 protected:
  // A batch whose events happened between `oldest` and `newest` seconds ago.
  void batch(std::string_view address, std::int64_t newest = 1, std::int64_t oldest = 5) {
    BatchFacts facts;
    facts.events = 7;
    facts.first_key = ++key_;
    facts.newest = clock_.now() - newest * kSecond;
    facts.oldest = clock_.now() - oldest * kSecond;
    servers_.take(facts, "webhook", address, clock_.now());
    servers_.acknowledged(facts.first_key, "webhook");
  }
  void beat(std::string_view address, int times, std::int64_t every) {
    for (int time = 0; time < times; ++time) {
      batch(address);
      clock_.pass_seconds(every);
      servers_.look();
    }
  }
  // The codes told since the last call, with a blank between.
  std::string told() {
    std::string codes;
    for (const Finding& finding : findings_) {
      codes += (codes.empty() ? "" : " ") + finding.code + "@" + finding.apiserver;
    }
    findings_.clear();
    return codes;
  }

  support::HandClock clock_;
  base::Metrics metrics_;
  std::vector<Finding> findings_;
  WatchOptions options_;
  Apiservers servers_{options_, [this](Finding one) { findings_.push_back(std::move(one)); },
                      clock_, metrics_};
  std::uint64_t key_ = 1000;
};

TEST_F(ApiserversTest, TellsASilenceOnceAndItsEnd) {
  beat("10.0.0.1", 20, 30);
  clock_.pass_seconds(300 - 30);
  servers_.look();
  EXPECT_EQ(told(), "");
  clock_.pass_seconds(1);
  servers_.look();
  ASSERT_EQ(findings_.size(), 1U);
  EXPECT_NE(findings_[0].message.find("10.0.0.1 for 5m1s"), std::string::npos)
      << findings_[0].message;
  EXPECT_NE(findings_[0].message.find("longest pause of late was 30s"), std::string::npos)
      << findings_[0].message;
  EXPECT_EQ(told(), "silent@10.0.0.1");
  EXPECT_EQ(metrics_.value(base::Metric::kApiserversSilent), 1U);
  clock_.pass_seconds(600);
  servers_.look();
  EXPECT_EQ(told(), "");
  batch("10.0.0.1");
  servers_.look();
  EXPECT_EQ(told(), "heard_again@10.0.0.1");
  EXPECT_EQ(metrics_.value(base::Metric::kApiserversSilent), 0U);
}

// A large body that takes a minute to come, and whose last window holds its newest event.
TEST_F(ApiserversTest, LaterWindowsOfABodyGoOnWithItsBatch) {
  beat("10.0.0.1", 12, 30);
  BatchFacts facts;
  facts.events = 7;
  facts.first_key = ++key_;
  for (const std::int64_t newest : {60, 40, 2}) {
    facts.newest = clock_.now() - newest * kSecond;
    facts.oldest = clock_.now() - (newest + 10) * kSecond;
    servers_.take(facts, "webhook", "10.0.0.1", clock_.now());
    facts.is_continued = true;
    clock_.pass_seconds(200);
  }
  const ApiserverStatus status = servers_.status()[0];
  EXPECT_EQ(status.batches, 13U);
  EXPECT_EQ(status.events, 15U * 7U);
  EXPECT_EQ(status.silence_expected / kSecond, 300) << "the pauses within are no rhythm";
  EXPECT_EQ(status.silent_for / kSecond, 200);
  EXPECT_EQ(status.delay / kSecond, 70);
}

TEST_F(ApiserversTest, ASlowRhythmIsLearned) {
  beat("10.0.0.1", 12, 200);  // three times this is expected
  EXPECT_EQ(servers_.status()[0].silence_expected / kSecond, 600);
  clock_.pass_seconds(390);
  servers_.look();
  EXPECT_EQ(told(), "");
  clock_.pass_seconds(20);
  servers_.look();
  EXPECT_EQ(told(), "silent@10.0.0.1");
}

TEST_F(ApiserversTest, AnOutageIsLearnedByStepsOnly) {
  beat("10.0.0.1", 20, 10);
  clock_.pass_seconds(7200);
  servers_.look();
  batch("10.0.0.1");
  servers_.look();
  EXPECT_EQ(told(), "silent@10.0.0.1 heard_again@10.0.0.1");
  EXPECT_LE(servers_.status()[0].silence_expected / kSecond, 600);
}

// A cluster that is quiet for eight hours each night, or a pause as long once a week.
TEST_F(ApiserversTest, NightsAreLearned) {
  const auto night = [this] {
    beat("10.0.0.1", 16 * 60, 60);
    for (int hour = 0; hour < 8; ++hour) {
      clock_.pass_seconds(3600);
      servers_.look();
    }
  };
  int nights = 0;
  for (; nights < 14; ++nights) {
    night();
    batch("10.0.0.1");
    servers_.look();
    if (told().empty()) {
      break;
    }
  }
  EXPECT_GT(nights, 1);
  EXPECT_LE(nights, 9);
  for (int more = 0; more < 14; ++more) {
    night();
  }
  EXPECT_EQ(told(), "");
  clock_.pass_seconds(48 * 3600);
  servers_.look();
  EXPECT_EQ(told(), "silent@10.0.0.1") << "and it is not deaf for that";
}

TEST_F(ApiserversTest, NothingIsExpectedOfOneHardlyKnown) {
  beat("10.0.0.1", 9, 1);
  clock_.pass_seconds(3600);
  servers_.look();
  EXPECT_EQ(told(), "");
}

TEST_F(ApiserversTest, ThatNothingComesAtAllIsTold) {
  clock_.pass_seconds(300);
  servers_.look();
  EXPECT_EQ(told(), "");
  clock_.pass_seconds(1);
  servers_.look();
  servers_.look();
  EXPECT_EQ(told(), "silent@");
  clock_.pass_seconds(9);
  EXPECT_EQ(servers_.nothing_for() / kSecond, 310);
  batch("10.0.0.1");
  EXPECT_EQ(servers_.nothing_for(), 0) << "at once, before anybody looks";
  servers_.look();
  EXPECT_EQ(told(), "heard_again@");
}

TEST_F(ApiserversTest, EachApiserverIsOneOfItsOwn) {
  beat("10.0.0.1", 20, 1);
  clock_.pass_seconds(200);
  beat("10.0.0.2", 20, 1);
  clock_.pass_seconds(81);
  servers_.look();
  EXPECT_EQ(told(), "silent@10.0.0.1");
  ASSERT_EQ(servers_.status().size(), 2U);
  EXPECT_EQ(servers_.status()[0].address, "10.0.0.2");
  EXPECT_EQ(servers_.status()[0].events, 140U);
  EXPECT_FALSE(servers_.status()[0].is_silent);
}

TEST_F(ApiserversTest, AClockAheadIsToldAndWhenItAgreesAgain) {
  batch("10.0.0.1", -10);
  servers_.look();
  EXPECT_EQ(told(), "");
  batch("10.0.0.1", -11);
  servers_.look();
  EXPECT_EQ(told(), "clock_skew@10.0.0.1");
  EXPECT_EQ(servers_.status()[0].clock_ahead / kSecond, 11);
  EXPECT_EQ(metrics_.value(base::Metric::kApiserversClockSkew), 1U);
  beat("10.0.0.1", 15, 1);
  EXPECT_EQ(told(), "");
  beat("10.0.0.1", 1, 1);
  EXPECT_EQ(told(), "clock_agrees@10.0.0.1");
}

TEST_F(ApiserversTest, LateOnlyWhereEvenTheNewestIs) {
  for (int at = 0; at < 15; ++at) {
    batch("10.0.0.1", 301, 400);
  }
  servers_.look();
  EXPECT_EQ(told(), "");
  batch("10.0.0.1", 301, 400);
  servers_.look();
  EXPECT_EQ(told(), "late_events@10.0.0.1");
  EXPECT_EQ(metrics_.value(base::Metric::kEventDelay), 400U);
  batch("10.0.0.1", 1, 400);
  servers_.look();
  EXPECT_EQ(told(), "events_on_time@10.0.0.1");
}

TEST_F(ApiserversTest, TruncationIsAnEpisode) {
  BatchFacts facts;
  facts.events = 3;
  facts.truncated = 2;
  facts.first_key = 5;
  facts.cluster = "c1";
  servers_.take(facts, "webhook", "10.0.0.1", clock_.now());
  servers_.look();
  ASSERT_EQ(findings_.size(), 1U);
  const std::vector<std::pair<std::string, std::string>> fields{{"cluster", "c1"}, {"events", "2"}};
  EXPECT_EQ(findings_[0].fields, fields);
  EXPECT_EQ(told(), "truncated_events@10.0.0.1");
  EXPECT_EQ(metrics_.value(base::Metric::kTruncatedEvents), 2U);
  clock_.pass_seconds(599);
  servers_.look();
  EXPECT_EQ(told(), "");
  clock_.pass_seconds(1);
  servers_.look();
  EXPECT_EQ(told(), "truncated_events_ended@10.0.0.1");
}

TEST_F(ApiserversTest, ABatchThatWasAcknowledgedShouldNotComeAgain) {
  BatchFacts facts;
  facts.events = 3;
  facts.first_key = 77;
  servers_.take(facts, "webhook", "10.0.0.1", clock_.now());
  servers_.take(facts, "webhook", "10.0.0.1", clock_.now());  // not acknowledged: meant to come
  servers_.look();
  EXPECT_EQ(told(), "");
  servers_.acknowledged(77, "webhook");
  EXPECT_EQ(servers_.distinct_events(), 6U);
  servers_.take(facts, "webhook", "10.0.0.1", clock_.now());
  EXPECT_EQ(servers_.distinct_events(), 6U);
  servers_.look();
  EXPECT_EQ(told(), "repeated_batches@10.0.0.1");
  EXPECT_EQ(servers_.status()[0].repeated_batches, 1U);
  EXPECT_EQ(metrics_.value(base::Metric::kRepeatedBatches), 1U);
}

TEST_F(ApiserversTest, TheTableIsBoundedAndTheOneHeardOfLongestAgoGoes) {
  batch("first");
  for (std::size_t at = 1; at < Apiservers::kMost; ++at) {
    batch("peer " + std::to_string(at));
  }
  batch("first");
  batch("one more");
  const auto all = servers_.status();
  ASSERT_EQ(all.size(), Apiservers::kMost);
  EXPECT_EQ(all[1].address, "first");
  EXPECT_EQ(all.back().address, "peer 2");
  EXPECT_EQ(metrics_.value(base::Metric::kApiserversForgotten), 1U);
}

// Whoever may post can name clusters at will.
TEST_F(ApiserversTest, ThoseHardlyKnownGoFirst) {
  beat("10.0.0.1", 10, 1);
  beat("10.0.0.2", 10, 1);
  for (std::size_t at = 0; at < 3 * Apiservers::kMost; ++at) {
    batch("peer " + std::to_string(at));
  }
  auto all = servers_.status();
  ASSERT_EQ(all.size(), Apiservers::kMost);
  EXPECT_EQ(all.back().address, "10.0.0.1");
  EXPECT_EQ(all[all.size() - 2].address, "10.0.0.2");
  EXPECT_EQ(all.front().address, "peer 767");
  clock_.pass_seconds(301);
  servers_.look();
  EXPECT_EQ(told(), "silent@10.0.0.2 silent@10.0.0.1");
}

TEST_F(ApiserversTest, OneThatIsSilentStaysSo) {
  beat("10.0.0.1", 20, 1);
  clock_.pass_seconds(24 * 3600);
  servers_.look();
  EXPECT_EQ(told(), "silent@10.0.0.1");
  clock_.pass_seconds(10 * 24 * 3600);
  servers_.look();
  EXPECT_EQ(told(), "");
  ASSERT_EQ(servers_.status().size(), 1U);
  EXPECT_TRUE(servers_.status()[0].is_silent);
  EXPECT_EQ(metrics_.value(base::Metric::kApiserversSilent), 1U);
}

TEST_F(ApiserversTest, OneHardlyKnownIsForgottenAfterADay) {
  beat("10.0.0.1", 9, 1);
  clock_.pass_seconds(24 * 3600);
  servers_.look();
  EXPECT_EQ(told(), "");
  EXPECT_TRUE(servers_.status().empty());
}

TEST_F(ApiserversTest, WhoPostsGarbageHasNoRhythmAndTakesNoPlace) {
  BatchFacts facts;
  facts.bad = 1;
  servers_.take(facts, "webhook", "10.0.0.9", clock_.now());
  EXPECT_TRUE(servers_.status().empty());
  clock_.pass_seconds(301);
  servers_.look();
  EXPECT_EQ(told(), "silent@") << "no event has come";
  batch("10.0.0.9");
  servers_.look();
  EXPECT_EQ(told(), "heard_again@");
  for (int at = 0; at < 20; ++at) {
    servers_.take(facts, "webhook", "10.0.0.9", clock_.now());
    clock_.pass_seconds(1);
  }
  ASSERT_EQ(servers_.status().size(), 1U);
  EXPECT_EQ(servers_.status()[0].quarantined, 20U);
  EXPECT_EQ(servers_.status()[0].batches, 1U);
  EXPECT_EQ(servers_.status()[0].silent_for / kSecond, 20);
}

TEST_F(ApiserversTest, ARotatedFileIsNoApiserverOfItsOwn) {
  BatchFacts facts;
  facts.events = 1;
  for (std::uint64_t at = 0; at < 20; ++at) {
    facts.first_key = 2 * at + 1;
    servers_.take(facts, "file", "/var/log/audit/audit-2026.log", clock_.now());
    facts.first_key = 2 * at + 2;
    servers_.take(facts, "file", "/var/log/audit/audit.log", clock_.now());
  }
  ASSERT_EQ(servers_.status().size(), 1U);
  EXPECT_EQ(servers_.status()[0].address, "/var/log/audit");
  EXPECT_EQ(servers_.distinct_events(), 40U);
  clock_.pass_seconds(301);
  servers_.look();
  ASSERT_EQ(findings_.size(), 1U);
  EXPECT_NE(findings_[0].message.find("the log followed in /var/log/audit has not grown"),
            std::string::npos)
      << findings_[0].message;
}

TEST_F(ApiserversTest, PipesAndSelfTestsAreNobodysRhythm) {
  BatchFacts facts;
  facts.events = 1;
  facts.is_selftest = true;
  servers_.take(facts, "webhook", "127.0.0.1", clock_.now());
  EXPECT_TRUE(servers_.status().empty());
  EXPECT_EQ(servers_.distinct_events(), 0U);
  clock_.pass_seconds(301);
  servers_.look();
  EXPECT_EQ(told(), "silent@");
  facts.is_selftest = false;
  servers_.take(facts, "socket", "", clock_.now());
  EXPECT_TRUE(servers_.status().empty());
  EXPECT_EQ(servers_.distinct_events(), 1U);
  servers_.look();
  EXPECT_EQ(told(), "heard_again@") << "events come, by whatever source";
}

// The log of one apiserver, and batches of another.
TEST_F(ApiserversTest, WhatALogAndAWebhookBringIsNeitherRepeatedNorLeftOut) {
  BatchFacts facts;
  facts.events = 3;
  facts.first_key = 77;
  servers_.take(facts, "file", "/var/log/audit/audit.log", clock_.now());
  servers_.acknowledged(77, "file");
  servers_.take(facts, "webhook", "10.0.0.1", clock_.now());
  EXPECT_EQ(servers_.distinct_events(), 6U);
  servers_.look();
  EXPECT_EQ(told(), "");
  servers_.take(facts, "file", "/var/log/audit/audit.log", clock_.now());
  EXPECT_EQ(servers_.distinct_events(), 6U);
}

// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names
TEST(SelftestAnnotation, IsNoneThatAPolicyOrWebhookCouldWrite) {
  const std::string_view prefix = kSelftestAnnotation.substr(0, kSelftestAnnotation.find('/'));
  EXPECT_NE(prefix.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-."),
            std::string_view::npos);
}

}  // namespace
}  // namespace tiercel::watch
