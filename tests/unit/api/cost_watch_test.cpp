#include "tiercel/api/cost_watch.h"

#include <gtest/gtest.h>

#include "cost_support.h"
#include "hand_clock.h"

namespace tiercel::api {
namespace {

class CostWatchTest : public testing::Test {
 protected:
  static std::shared_ptr<const engine::RuleSet> two_rules() {
    return tests::load_cost_rules(tests::cost_rule("Noisy", "ka.verb = get") +
                                  tests::cost_rule("Rare", "ka.verb = list"));
  }
  // So many seconds, of which each has events and a look; what was told.
  std::vector<std::string> pass(int seconds, std::size_t events_a_second) {
    tests::MeasuredEvents events(rules_.current());
    std::vector<std::string> told;
    for (int second = 0; second < seconds; ++second) {
      events.put(events_a_second, "get");
      clock_.pass_seconds(1);
      for (std::string& sentence : watch_.look()) {
        told.push_back(std::move(sentence));
      }
    }
    return told;
  }

  support::HandClock clock_;
  base::Metrics metrics_;
  base::Snapshot<engine::RuleSet> rules_{two_rules()};
  CostWatch watch_{rules_, metrics_, clock_};
};

TEST_F(CostWatchTest, TellsOfANoisyRuleOnceAnHour) {
  const std::vector<std::string> first = pass(60, 2);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first.front(),
            "rule \"Noisy\" is noisy: 100 % of all alerts, 120 a minute; see tiercel rules --cost");
  EXPECT_TRUE(pass(1'800, 2).empty());
  rules_.publish(two_rules());  // a reload makes it no news
  EXPECT_TRUE(pass(1'700, 2).empty());
  EXPECT_EQ(pass(160, 2).size(), 1U);
}

TEST_F(CostWatchTest, SaysNothingOfAQuietRule) {
  EXPECT_TRUE(pass(300, 0).empty());
  // One alert every two seconds.
  for (int at = 0; at < 60; ++at) {
    EXPECT_TRUE(pass(1, 1).empty());
    EXPECT_TRUE(pass(1, 0).empty());
  }
}

TEST_F(CostWatchTest, CountsTheLastMinuteOrTwo) {
  (void)pass(60, 10);
  EXPECT_EQ(watch_.report(0).rules.front().matches_a_minute, 600);
  (void)pass(180, 0);
  const CostReport quiet = watch_.report(0);
  EXPECT_EQ(quiet.rules.front().matches, 600U);
  EXPECT_EQ(quiet.rules.front().matches_a_minute, 0);
  EXPECT_EQ(quiet.rules.front().finding, "") << "it was noisy three minutes ago";
  EXPECT_EQ(quiet.seconds, 240);
}

TEST_F(CostWatchTest, FollowsAReloadAtOnce) {
  (void)pass(10, 5);
  rules_.publish(tests::load_cost_rules(tests::cost_rule("Other", "ka.verb = get")));
  const CostReport report = watch_.report(0);
  ASSERT_EQ(report.rules.size(), 1U);
  EXPECT_EQ(report.rules.front().name, "Other");
  EXPECT_EQ(report.rules.front().matches, 0U);
  EXPECT_EQ(report.seconds, 0);
  EXPECT_EQ(report.memory, std::nullopt) << "other threads took memory meanwhile";
}

// A check becomes slow after quiet weeks, is told of within minutes, and is not once it is over.
TEST_F(CostWatchTest, TellsWhatIsSlowOfLate) {
  rules_.publish(tests::load_cost_rules(
      tests::cost_rule("Slow", std::string("ka.verb = list and ") + tests::kSlowCheck)));
  tests::MeasuredEvents events(rules_.current());
  const auto minutes = [&](int count, std::size_t events_a_minute, const std::string& uri) {
    std::vector<std::string> told;
    for (int minute = 0; minute < count; ++minute) {
      events.put(events_a_minute, "list", uri);
      clock_.pass_seconds(60);
      for (std::string& sentence : watch_.look()) {
        told.push_back(std::move(sentence));
      }
    }
    return told;
  };
  EXPECT_TRUE(minutes(30, 2'000, "/").empty());
  EXPECT_EQ(metrics_.value(base::Metric::kRulesSlow), 0U);
  const std::vector<std::string> told = minutes(25, 20, tests::slow_uri());
  ASSERT_EQ(told.size(), 1U);
  EXPECT_TRUE(told.front().starts_with("rule \"Slow\" is slow: ka.uri regex ")) << told.front();
  EXPECT_EQ(metrics_.value(base::Metric::kRulesSlow), 1U);
  (void)minutes(25, 20, "/");
  EXPECT_EQ(watch_.report(0).rules.front().finding, "");
  EXPECT_EQ(metrics_.value(base::Metric::kRulesSlow), 0U);
}

TEST_F(CostWatchTest, TellsOfANoisyRuleThatBecomesSlowToo) {
  rules_.publish(tests::load_cost_rules(tests::cost_rule(
      "Both", std::string("ka.verb = get or (ka.verb = list and ") + tests::kSlowCheck + ")")));
  EXPECT_EQ(pass(61, 2).size(), 1U);
  EXPECT_EQ(metrics_.value(base::Metric::kRulesNoisy), 1U);
  tests::MeasuredEvents events(rules_.current());
  events.put(100, "list", tests::slow_uri());
  const std::vector<std::string> told = pass(60, 2);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_NE(told.front().find("slow: "), std::string::npos) << told.front();
  EXPECT_NE(told.front().find("noisy: "), std::string::npos) << told.front();
}

TEST_F(CostWatchTest, KnowsTheMemoryOfTheSameRulesAfterAReload) {
  const auto memory = watch_.report(0).memory;
  rules_.publish(two_rules());
  EXPECT_EQ(watch_.report(0).memory, memory);
}

TEST_F(CostWatchTest, AddsUpInMetricsThroughReloads) {
  (void)pass(10, 50);
  const std::uint64_t events = metrics_.value(base::Metric::kEvaluationMeasured);
  const std::uint64_t nanoseconds = metrics_.value(base::Metric::kEvaluationNanoseconds);
  EXPECT_EQ(events, rules_.current()->costs().of_events().times);
  EXPECT_GT(events, 0U);
  EXPECT_GE(nanoseconds, rules_.current()->costs().of_events().nanoseconds);
  EXPECT_GT(nanoseconds, 0U);
  rules_.publish(two_rules());
  (void)pass(10, 50);
  EXPECT_EQ(metrics_.value(base::Metric::kEvaluationMeasured),
            events + rules_.current()->costs().of_events().times);
  EXPECT_GT(metrics_.value(base::Metric::kEvaluationNanoseconds), nanoseconds);
}

}  // namespace
}  // namespace tiercel::api
