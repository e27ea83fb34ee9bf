// Which rule set made an alert: the log, /versions, alerts of rules and our own say the same,
// before and after each kind of reload.
#include <csignal>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness.h"

namespace tiercel::tests {
namespace {

std::string member(const std::string& json, const std::string& name) {
  const auto parsed = nlohmann::json::parse(json, nullptr, false);
  return parsed.is_object() ? parsed.value(name, "") : "";
}

// The hash behind the last such words in the log; empty where there is none.
std::string hash_behind(const std::string& log, std::string_view words) {
  const std::size_t line = log.rfind(words);
  if (line == std::string::npos) {
    return {};
  }
  const std::string text = log.substr(line, log.find('\n', line) - line);
  const std::string_view before = "hash ";
  const std::size_t at = text.rfind(before);
  return at == std::string::npos ? std::string() : text.substr(at + before.size());
}

class RulesHash : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(daemon_.port(), 0) << daemon_.process().log();
    hash_ = hash_behind(daemon_.process().log(), "info: rules: 1 in force");
    ASSERT_EQ(hash_.size(), 32U) << daemon_.process().log();
  }
  void write_rules(const std::string& rules) { folder_.write("rules.yaml", rules); }
  /// Reloads, and the hash that the log tells.
  std::string reload(const std::string& words) {
    daemon_.process().signal(SIGHUP);
    std::string hash;
    EXPECT_TRUE(support::wait_until([&] {
      hash = hash_behind(daemon_.process().log(), words);
      return hash.size() == 32;
    })) << daemon_.process().log();
    return hash;
  }
  /// `bad` is a body that makes an alert of our own which was not made yet.
  void expect_everywhere(const std::string& hash, const std::string& bad) {
    EXPECT_EQ(member(daemon_.get("/versions"), "rules_hash"), hash);
    const std::size_t before = daemon_.own_alerts().size();
    ASSERT_EQ(daemon_.post(event_list(Lines{small_event("e" + std::to_string(++number_))})), 200);
    const Lines alerts = daemon_.new_alerts();
    ASSERT_EQ(alerts.size(), 1U);
    EXPECT_EQ(member(alerts.front(), "rules_hash"), hash) << alerts.front();
    ASSERT_EQ(daemon_.post(bad), 200);
    expect_own_alert_behind(before, hash);
  }
  void expect_own_alert_behind(std::size_t before, const std::string& hash) {
    ASSERT_TRUE(support::wait_until([&] { return daemon_.own_alerts().size() > before; }));
    const Lines own = daemon_.own_alerts();
    EXPECT_EQ(member(own.back(), "rules_hash"), hash) << own.back();
  }

  const support::TempDir folder_;
  AuditDaemon daemon_{{folder_.write("rules.yaml", every_event_rule("Old"))}};
  std::string hash_;
  int number_ = 0;
};

TEST_F(RulesHash, IsTheSameWhereverItIsTold) {
  expect_everywhere(hash_, "no JSON");

  write_rules(every_event_rule("New"));
  const std::string changed = reload("info: reloaded: 1 rule in force of 1 loaded, hash ");
  EXPECT_NE(changed, hash_);
  expect_everywhere(changed, R"({"kind":"Pod"})");

  EXPECT_EQ(reload("info: reloaded: 1 rule in force of 1 loaded, the same rules"), changed);
  expect_everywhere(changed, event_list(Lines{small_event("again")}) + "x");
}

// What runs is what it was, and so is what is told.
TEST_F(RulesHash, StaysWhereAReloadFails) {
  write_rules("- rule: Broken\n");
  daemon_.process().signal(SIGHUP);
  ASSERT_TRUE(daemon_.process().wait_for_log("not reloaded")) << daemon_.process().log();
  expect_own_alert_behind(0, hash_);
  expect_everywhere(hash_, "no JSON");
}

}  // namespace
}  // namespace tiercel::tests
