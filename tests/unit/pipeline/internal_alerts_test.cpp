#include "tiercel/pipeline/internal_alerts.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "hand_clock.h"
#include "pipeline_support.h"
#include "read_file.h"

namespace tiercel::pipeline {
namespace {

using nlohmann::json;

class InternalAlertsTest : public testing::Test {
 protected:
  InternalAlertsTest() : alerts_(store_, json_options(), clock_, metrics_) {}
  static alert::AlertOptions json_options() {
    alert::AlertOptions options;
    options.json_output = true;
    options.hostname = "host";
    return options;
  }
  json last() { return json::parse(store_.lines().back()); }

  FakeStore store_;
  support::HandClock clock_;
  base::Metrics metrics_;
  InternalAlerts alerts_;
};

TEST_F(InternalAlertsTest, GoesThroughTheStoreAsAnAlertOfOurOwn) {
  alerts_.raise("not_json", "192.0.2.7", "a body is bad", {{"bytes", "7"}});
  ASSERT_EQ(store_.lines().size(), 1U);
  EXPECT_EQ(last()["rule"], "tiercel: not_json");
  EXPECT_EQ(last()["source"], "tiercel");
  EXPECT_EQ(last()["priority"], "Warning");
  EXPECT_EQ(last()["output_fields"]["peer"], "192.0.2.7");
  EXPECT_EQ(last()["output_fields"]["bytes"], "7");
  EXPECT_NE(last()["output"].get<std::string>().find("a body is bad"), std::string::npos);
  EXPECT_EQ(metrics_.value(base::Metric::kInternalAlerts), 1U);
}

// As alerts of rules do; whom else a peer is stands in `peer` alone.
TEST_F(InternalAlertsTest, NamesAnApiserverWhereThePeerIsOne) {
  alerts_.raise("silent", "192.0.2.7", "x", {});
  EXPECT_EQ(last()["apiserver"], "192.0.2.7");
  EXPECT_EQ(last()["output_fields"]["peer"], "192.0.2.7");
  alerts_.raise("not_json", "/var/log/audit.log", "x", {});
  EXPECT_EQ(last()["apiserver"], "/var/log/audit.log");
  for (const char* const code : {"unauthorized", "output_failed", "rule_disabled"}) {
    alerts_.raise(code, "somebody", "x", {});
    EXPECT_FALSE(last().contains("apiserver")) << code;
    EXPECT_EQ(last()["output_fields"]["peer"], "somebody");
  }
  alerts_.raise("silent", {}, "nobody at all", {});
  EXPECT_FALSE(last().contains("apiserver"));
  const auto names_one = [this](std::string_view code) {
    clock_.pass_seconds(60);
    alerts_.raise(code, "somebody", "x", {});
    return last().contains("apiserver");
  };
  for (const InternalCode& row : internal_codes()) {
    EXPECT_TRUE(row.ends.empty() || names_one(row.code) == names_one(row.ends)) << row.code;
  }
}

TEST_F(InternalAlertsTest, OneAMinuteForEachCodeAndPeer) {
  alerts_.raise("not_json", "a", "x", {});
  alerts_.raise("not_json", "a", "x", {});
  alerts_.raise("not_json", "a", "x", {});
  EXPECT_EQ(store_.lines().size(), 1U);
  alerts_.raise("not_json", "b", "x", {});
  alerts_.raise("too_deep", "a", "x", {});
  EXPECT_EQ(store_.lines().size(), 3U);
  clock_.pass_seconds(59);
  alerts_.raise("not_json", "a", "x", {});
  EXPECT_EQ(store_.lines().size(), 3U);
  clock_.pass_seconds(1);
  alerts_.raise("not_json", "a", "x", {});
  ASSERT_EQ(store_.lines().size(), 4U);
  EXPECT_EQ(last()["output_fields"]["suppressed"], "3");
}

// How things are is what was told last.
TEST_F(InternalAlertsTest, EachChangeOfAStateIsTold) {
  const auto raise_twice = [&](const char* code, const char* peer) {
    const std::size_t before = store_.lines().size();
    alerts_.raise(code, peer, "x", {});
    alerts_.raise(code, peer, "x", {});
    return store_.lines().size() - before;
  };
  for (int at = 0; at < 3; ++at) {
    EXPECT_EQ(raise_twice("reload_failed", ""), 1U) << at;
    EXPECT_EQ(raise_twice("reload_recovered", ""), 1U) << at;
    EXPECT_EQ(raise_twice("silent", "a"), 1U) << at;
    EXPECT_EQ(raise_twice("heard_again", "a"), 1U) << at;
  }
  EXPECT_EQ(last()["output_fields"]["suppressed"], "1") << "what was held back is told of still";
  EXPECT_EQ(raise_twice("heard_again", "b"), 1U);
  EXPECT_EQ(raise_twice("heard_again", "a"), 0U) << "another's state is none of its";
}

// A rule was out of force, however briefly and often.
TEST_F(InternalAlertsTest, EachThingSomebodyDidIsTold) {
  for (int at = 0; at < 10; ++at) {
    alerts_.raise("rule_disabled", "a", "off", {});
    alerts_.raise("rule_enabled", "a", "on", {});
  }
  EXPECT_EQ(store_.lines().size(), 20U);
  EXPECT_GT(10, InternalAlerts::kMostReleases);
  alerts_.raise("rule_disabled", "a", "off for a minute", {});
  alerts_.raise("rule_disabled", "a", "off for a week", {});
  EXPECT_EQ(store_.lines().size(), 22U);
  EXPECT_NE(last()["output"].get<std::string>().find("for a week"), std::string::npos);
}

class FlappingState : public InternalAlertsTest {
 protected:
  // An output that takes one alert, then refuses for five seconds.
  void flap(int seconds) {
    for (int at = 0; at < seconds; at += 5) {
      alerts_.raise("output_failed", "out", "refused " + std::to_string(++number_), {});
      alerts_.look();
      clock_.pass_seconds(5);
      alerts_.raise("output_recovered", "out", "taken " + std::to_string(number_), {});
      alerts_.look();
    }
  }
  std::size_t told_since(std::size_t before) { return store_.lines().size() - before; }
  int number_ = 0;
};

TEST_F(FlappingState, IsToldAFewTimesAMinute) {
  flap(60);
  // Each once by itself, then those that followed at once.
  EXPECT_LE(store_.lines().size(), 2U + InternalAlerts::kMostReleases);
  EXPECT_GT(store_.lines().size(), 2U);
  flap(600);
  EXPECT_LE(store_.lines().size(), 11 * (2U + InternalAlerts::kMostReleases));
}

TEST_F(FlappingState, ItsLastStateIsToldWhenTheMinuteIsOver) {
  flap(35);
  alerts_.raise("output_failed", "out", "and stays so", {});
  const std::size_t before = store_.lines().size();
  EXPECT_EQ(last()["rule"], "tiercel: output_recovered") << "the failure is held";
  for (int at = 0; at < 24; ++at) {
    clock_.pass_seconds(1);
    alerts_.look();
  }
  EXPECT_EQ(told_since(before), 0U);
  for (int at = 0; at < 36; ++at) {
    clock_.pass_seconds(1);
    alerts_.look();
  }
  EXPECT_EQ(told_since(before), 1U) << "once";
  EXPECT_EQ(last()["rule"], "tiercel: output_failed");
  EXPECT_NE(last()["output"].get<std::string>().find("and stays so"), std::string::npos);
  EXPECT_EQ(last()["output_fields"]["peer"], "out");
  EXPECT_EQ(last()["output_fields"]["suppressed"], "4") << "itself is none of them";
}

TEST_F(FlappingState, OneThatIsAgainAsWasToldIsNotToldTwice) {
  flap(35);
  ASSERT_EQ(last()["rule"], "tiercel: output_recovered");
  const std::size_t before = store_.lines().size();
  clock_.pass_seconds(60);
  alerts_.look();
  EXPECT_EQ(told_since(before), 0U) << last();
}

// The next process knows nothing of it.
TEST_F(FlappingState, ItsLastStateIsToldAtTheStop) {
  flap(35);
  alerts_.raise("output_failed", "out", "and stays so", {});
  ASSERT_EQ(last()["rule"], "tiercel: output_recovered") << "the failure is held";
  const std::size_t before = store_.lines().size();
  alerts_.flush();
  EXPECT_EQ(told_since(before), 1U);
  EXPECT_EQ(last()["rule"], "tiercel: output_failed");
  // While the outputs stop.
  alerts_.raise("output_recovered", "out", "taken", {});
  alerts_.flush();
  EXPECT_EQ(told_since(before), 2U);
  EXPECT_EQ(last()["rule"], "tiercel: output_recovered");
  alerts_.flush();
  EXPECT_EQ(told_since(before), 2U) << "once";
}

TEST_F(InternalAlertsTest, WhatEndsATroubleHasASeparateStateForEachCluster) {
  alerts_.raise("silent", "a", "x", {{"cluster", "one"}});
  alerts_.raise("heard_again", "a", "x", {{"cluster", "two"}});
  alerts_.raise("silent", "a", "x", {{"cluster", "one"}});
  EXPECT_EQ(store_.lines().size(), 2U);
  alerts_.raise("heard_again", "a", "x", {{"cluster", "one"}});
  alerts_.raise("silent", "a", "x", {{"cluster", "one"}});
  EXPECT_EQ(store_.lines().size(), 4U);
}

TEST_F(InternalAlertsTest, ClustersBehindOneAddressDoNotHoldBackEachOther) {
  alerts_.raise("silent", "a", "x", {{"cluster", "one"}});
  alerts_.raise("silent", "a", "x", {{"cluster", "two"}});
  alerts_.raise("silent", "a", "x", {{"cluster", "two"}});
  ASSERT_EQ(store_.lines().size(), 2U);
  EXPECT_EQ(last()["output_fields"]["cluster"], "two");
  EXPECT_EQ(last()["output_fields"]["peer"], "a");
}

TEST_F(InternalAlertsTest, TheTableOfPeersIsBounded) {
  for (std::size_t peer = 0; peer < InternalAlerts::kMostPeers + 100; ++peer) {
    alerts_.raise("not_json", std::to_string(peer), "x", {});
  }
  // The first ones have an entry each, all others share one.
  EXPECT_EQ(store_.lines().size(), InternalAlerts::kMostPeers + 1);
}

TEST_F(InternalAlertsTest, PeersThatAreQuietAreForgotten) {
  for (std::size_t peer = 0; peer < InternalAlerts::kMostPeers; ++peer) {
    alerts_.raise("not_json", std::to_string(peer), "x", {});
  }
  clock_.pass_seconds(61);
  alerts_.raise("not_json", "new 1", "x", {});
  alerts_.raise("not_json", "new 2", "x", {});
  EXPECT_EQ(store_.lines().size(), InternalAlerts::kMostPeers + 2);
}

// Whoever sent two bad bodies and left.
TEST_F(InternalAlertsTest, PeersOfWhichSomethingWasHeldBackAreForgottenLater) {
  for (std::size_t peer = 0; peer < InternalAlerts::kMostPeers; ++peer) {
    alerts_.raise("not_json", std::to_string(peer), "x", {});
    alerts_.raise("not_json", std::to_string(peer), "x", {});
  }
  clock_.pass_seconds(61);
  alerts_.raise("not_json", "1", "x", {});
  EXPECT_EQ(last()["output_fields"]["suppressed"], "1");
  alerts_.raise("not_json", "new 1", "x", {});
  alerts_.raise("not_json", "new 2", "x", {});
  EXPECT_EQ(store_.lines().size(), InternalAlerts::kMostPeers + 2) << "these two share an entry";
  clock_.pass_seconds(600);
  alerts_.raise("not_json", "new 3", "x", {});
  alerts_.raise("not_json", "new 4", "x", {});
  EXPECT_EQ(store_.lines().size(), InternalAlerts::kMostPeers + 4);
}

TEST_F(InternalAlertsTest, AFloodOfOneCodesPeersMutesNoState) {
  const std::array<const char*, 9> codes{"not_json",         "not_audit_list", "wrong_kind",
                                         "truncated",        "bad_gzip",       "too_deep",
                                         "trailing_garbage", "too_large",      "unauthorized"};
  for (std::size_t peer = 0; peer < 1024; ++peer) {
    for (const char* const code : codes) {
      alerts_.raise(code, std::to_string(peer), "x", {});
      alerts_.raise(code, std::to_string(peer), "x", {});
    }
  }
  const std::size_t before = store_.lines().size();
  for (const char* const peer : {"a", "b"}) {
    alerts_.raise("silent", peer, "x", {});
    alerts_.raise("output_failed", peer, "x", {});
  }
  EXPECT_EQ(store_.lines().size() - before, 4U);
  for (int at = 0; at < 4; ++at) {
    alerts_.raise("output_recovered", "b", "x", {});
    alerts_.raise("output_failed", "b", "x", {});
  }
  clock_.pass_seconds(60);
  alerts_.look();
  EXPECT_EQ(last()["rule"], "tiercel: output_failed") << "it was held, since each has its state";
}

class RefusingStore : public InternalAlertsTest {
 protected:
  std::vector<std::string> stored() {
    std::vector<std::string> rules;
    for (const std::string& line : store_.stored()) {
      rules.push_back(json::parse(line)["rule"]);
    }
    return rules;
  }
};

// The last one that is stored is how things are.
TEST_F(RefusingStore, GetsThemInTheOrderInWhichTheyWereTold) {
  store_.answer = store::AppendResult::kFull;
  alerts_.raise("store_full", "", "no room", {});
  alerts_.raise("reload_failed", "", "a mistake", {});
  store_.answer = store::AppendResult::kFailed;
  alerts_.raise("not_json", "a", "a body is bad", {});
  EXPECT_TRUE(stored().empty());
  store_.answer = store::AppendResult::kStored;
  alerts_.raise("reload_recovered", "", "mended", {});
  EXPECT_EQ(stored(), (std::vector<std::string>{"tiercel: store_full", "tiercel: reload_failed",
                                                "tiercel: not_json", "tiercel: reload_recovered"}));
}

TEST_F(RefusingStore, IsTriedAgainThoughNoOtherOneComes) {
  store_.answer = store::AppendResult::kFailed;
  alerts_.raise("store_unwritable", "", "read-only", {});
  alerts_.raise("not_json", "a", "a body is bad", {});
  for (int second = 0; second < 60; ++second) {
    clock_.pass_seconds(1);
    alerts_.look();
  }
  EXPECT_LE(store_.lines().size(), 20U) << "the store is not asked each second";
  store_.answer = store::AppendResult::kStored;
  for (int second = 0; second < 5; ++second) {
    clock_.pass_seconds(1);
    alerts_.look();
  }
  EXPECT_EQ(stored(), (std::vector<std::string>{"tiercel: store_unwritable", "tiercel: not_json"}));
}

TEST_F(RefusingStore, IsTriedAgainAtTheStop) {
  store_.answer = store::AppendResult::kFailed;
  alerts_.raise("store_unwritable", "", "read-only", {});
  store_.answer = store::AppendResult::kStored;
  alerts_.flush();
  EXPECT_EQ(stored(), std::vector<std::string>{"tiercel: store_unwritable"});
}

TEST_F(RefusingStore, IsToldOfInTheLogWhereMoreIsRefusedThanCanWait) {
  store_.answer = store::AppendResult::kFull;
  alerts_.raise("reload_failed", "", "a mistake", {});
  const std::string text(10'000, 'x');
  for (int peer = 0; peer < 200; ++peer) {
    alerts_.raise("not_json", std::to_string(peer), text, {});
  }
  testing::internal::CaptureStderr();
  alerts_.look();
  alerts_.look();
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find(" alerts about tiercel itself are lost"), std::string::npos) << log;
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 1) << log;
  store_.answer = store::AppendResult::kStored;
  alerts_.raise("not_json", "the last", "x", {});
  EXPECT_EQ(stored().size() + metrics_.value(base::Metric::kInternalAlertsLost), 202U);
  EXPECT_GT(stored().size(), 50U);
  EXPECT_LT(stored().size(), 110U);
  EXPECT_EQ(stored().front(), "tiercel: reload_failed") << "a state stays longest";
  EXPECT_NE(store_.stored().back().find("the last"), std::string::npos);
}

TEST_F(InternalAlertsTest, TakesUpChangedOptions) {
  alerts_.set_options({});
  alerts_.raise("not_json", "a", "a body is bad", {});
  EXPECT_NE(store_.lines().back().front(), '{');
}

TEST(InternalCodes, EachHasASentenceAndANameOfItsOwn) {
  std::vector<std::string_view> names;
  for (const InternalCode& code : internal_codes()) {
    EXPECT_TRUE(code.doc.ends_with('.')) << code.code;
    names.push_back(code.code);
  }
  for (const InternalCode& code : internal_codes()) {
    EXPECT_TRUE(code.ends.empty() ||
                std::find(names.begin(), names.end(), code.ends) != names.end())
        << code.code;
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

// The operator looks a code up where the page of the running daemon has them.
TEST(InternalCodes, EachStandsInTheOperatorsPage) {
  const std::string page = support::read_file(TIERCEL_SOURCE_DIR "/packaging/README.md");
  ASSERT_FALSE(page.empty());
  for (const InternalCode& code : internal_codes()) {
    const std::string name(code.code);
    EXPECT_TRUE(page.find("`tiercel: " + name + "`") != std::string::npos ||
                page.find("`" + name + "`") != std::string::npos)
        << name;
  }
}

}  // namespace
}  // namespace tiercel::pipeline
