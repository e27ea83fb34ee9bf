#include "disabled_rules.h"

#include <gtest/gtest.h>

#include "hand_clock.h"
#include "read_file.h"
#include "temp_dir.h"

namespace tiercel::app {
namespace {

using std::chrono::seconds;
using Names = std::vector<std::string>;

class DisabledRulesTest : public testing::Test {
 protected:
  DisabledRules make() { return DisabledRules(file_, clock_); }
  void let_one_of_two_end_while_nobody_runs() {
    {
      DisabledRules rules = make();
      ASSERT_TRUE(rules.disable("noisy", seconds(60)));
      ASSERT_TRUE(rules.disable("later", seconds(120)));
    }
    clock_.pass_seconds(61);
  }

  const support::TempDir folder_;
  const std::string file_ = folder_.path("disabled-rules.json");
  support::HandClock clock_;
};

TEST_F(DisabledRulesTest, ComeBackByThemselves) {
  DisabledRules rules = make();
  ASSERT_TRUE(rules.disable("noisy", seconds(60)));
  ASSERT_TRUE(rules.disable("later", seconds(120)));
  EXPECT_EQ(rules.names(), (Names{"noisy", "later"}));
  clock_.pass_seconds(59);
  EXPECT_TRUE(rules.take_ended().rules.empty());
  EXPECT_FALSE(rules.has_ended());
  clock_.pass_seconds(1);
  EXPECT_TRUE(rules.has_ended());
  EXPECT_EQ(rules.take_ended().rules, Names{"noisy"});
  EXPECT_FALSE(rules.has_ended());
  EXPECT_TRUE(rules.take_ended().rules.empty()) << "told of once";
  EXPECT_EQ(rules.names(), Names{"later"});
}

TEST_F(DisabledRulesTest, WhatEndsWhileNoDaemonRunsIsToldOfAtTheNextStart) {
  let_one_of_two_end_while_nobody_runs();
  {
    DisabledRules rules = make();
    EXPECT_TRUE(rules.has_ended());
    EXPECT_EQ(rules.names(), Names{"later"});
    EXPECT_EQ(rules.take_ended().rules, Names{"noisy"});
    EXPECT_TRUE(rules.take_ended().rules.empty());
  }
  DisabledRules rules = make();
  EXPECT_TRUE(rules.take_ended().rules.empty()) << "told of by the one before";
}

TEST_F(DisabledRulesTest, OnlyOneThatWasOutOfForceChangesTheRules) {
  let_one_of_two_end_while_nobody_runs();
  DisabledRules rules = make();
  EXPECT_FALSE(rules.take_ended().is_change) << "it was in force from the start";
  clock_.pass_seconds(60);
  EXPECT_TRUE(rules.take_ended().is_change);
}

TEST_F(DisabledRulesTest, OneThatIsDisabledAgainIsNotSaidToHaveEnded) {
  ASSERT_TRUE(make().disable("noisy", seconds(60)));
  clock_.pass_seconds(61);
  DisabledRules rules = make();
  ASSERT_TRUE(rules.disable("noisy", seconds(60)));
  EXPECT_TRUE(rules.take_ended().rules.empty());
  EXPECT_EQ(rules.names(), Names{"noisy"});
}

TEST_F(DisabledRulesTest, AnEndIsToldOfOnceWhoeverBroughtIt) {
  // One that another program wrote, with a rule twice.
  folder_.write("disabled-rules.json", R"([{"rule": "noisy", "until": 1},
                                           {"rule": "noisy", "until": 9000000000000000000}])");
  DisabledRules rules = make();
  EXPECT_TRUE(rules.enable("noisy"));
  EXPECT_TRUE(rules.take_ended().rules.empty());
}

TEST_F(DisabledRulesTest, WhatIsOverAlreadyCannotBeEnabledAndIsStillToldOf) {
  ASSERT_TRUE(make().disable("noisy", seconds(60)));
  clock_.pass_seconds(61);
  DisabledRules rules = make();
  EXPECT_FALSE(rules.enable("noisy"));
  EXPECT_EQ(rules.take_ended().rules, Names{"noisy"});
}

TEST_F(DisabledRulesTest, TheLastWordCounts) {
  DisabledRules rules = make();
  ASSERT_TRUE(rules.disable("noisy", seconds(60)));
  ASSERT_TRUE(rules.disable("noisy", seconds(10)));
  EXPECT_EQ(rules.list().size(), 1U);
  clock_.pass_seconds(10);
  EXPECT_EQ(rules.take_ended().rules, Names{"noisy"});
  EXPECT_FALSE(rules.enable("noisy"));
  ASSERT_TRUE(rules.disable("noisy", seconds(60)));
  EXPECT_TRUE(rules.enable("noisy"));
  EXPECT_TRUE(rules.names().empty());
}

TEST_F(DisabledRulesTest, AreBounded) {
  DisabledRules rules = make();
  EXPECT_FALSE(rules.disable("r", seconds(0)));
  EXPECT_FALSE(rules.disable("r", DisabledRules::kLongest + seconds(1)));
  EXPECT_TRUE(rules.disable("r", DisabledRules::kLongest));
  for (std::size_t at = 1; at < DisabledRules::kMost; ++at) {
    ASSERT_TRUE(rules.disable("r" + std::to_string(at), seconds(60)));
  }
  EXPECT_FALSE(rules.disable("one more", seconds(60)));
  EXPECT_TRUE(rules.disable("r1", seconds(120))) << "it is one of them";
}

TEST_F(DisabledRulesTest, OutliveARestartAndNotTheirTime) {
  {
    DisabledRules rules = make();
    ASSERT_TRUE(rules.disable("Rule \"with\" quotes", seconds(60)));
    ASSERT_TRUE(rules.disable("short", seconds(10)));
  }
  clock_.pass_seconds(20);
  DisabledRules rules = make();
  EXPECT_EQ(rules.names(), Names{"Rule \"with\" quotes"});
  EXPECT_EQ(rules.take_ended().rules, Names{"short"});
  clock_.pass_seconds(40);
  EXPECT_EQ(rules.take_ended().rules.size(), 1U);
  EXPECT_TRUE(make().names().empty());
}

TEST_F(DisabledRulesTest, AFileThatIsNoneOfOursIsIgnored) {
  for (const char* const text : {"", "[", "{}", R"([1, {"rule": 2}, {"rule": "r"}])",
                                 R"([{"rule": "r", "until": "soon"}])"}) {
    folder_.write("disabled-rules.json", text);
    EXPECT_TRUE(make().names().empty()) << text;
  }
  // A clock that stood far ahead: never longer than it can be asked for.
  folder_.write("disabled-rules.json", R"([{"rule": "r", "until": 9000000000000000000}])");
  DisabledRules rules = make();
  EXPECT_EQ(rules.names(), Names{"r"});
  clock_.pass_seconds(DisabledRules::kLongest.count());
  EXPECT_EQ(rules.take_ended().rules, Names{"r"});
}

}  // namespace
}  // namespace tiercel::app
