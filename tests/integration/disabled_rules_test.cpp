// tiercel rules disable: one rule is quiet for a while, in the running daemon.
#include <csignal>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness.h"

namespace tiercel::tests {
namespace {

constexpr const char* kRule = "Every event";

class DisabledRule : public testing::Test {
 protected:
  DisabledRule() { start(); }

  void start(const Lines& more = {}) {
    if (daemon_ != nullptr) {
      // Or its outputs would not remember what they have delivered.
      daemon_->process().signal(SIGTERM);
      EXPECT_EQ(daemon_->process().wait(), 0);
    }
    Lines all{"-o", "store.path=" + folder_.path("store"), "-o", "admin.socket=" + socket_};
    all.insert(all.end(), more.begin(), more.end());
    daemon_ = std::make_unique<AuditDaemon>(Lines{rules_}, all);
    EXPECT_NE(daemon_->port(), 0) << daemon_->process().log();
  }
  // What an operator types.
  [[nodiscard]] support::ProgramResult type(Lines words) {
    return type_with(std::move(words), "admin.socket=" + socket_);
  }
  [[nodiscard]] support::ProgramResult type_with(Lines words, const std::string& option) {
    words.insert(words.begin(), "rules");
    words.insert(words.end(), {"-c", daemon_->folder().path("tiercel.yaml"), "-o", option});
    return support::run_program(words);
  }
  [[nodiscard]] std::string port_option() {
    return "admin.listen_port=" + std::to_string(daemon_->admin_port());
  }
  [[nodiscard]] std::size_t alerts_of_one_event() {
    EXPECT_EQ(daemon_->post(event_list(Lines{small_event("d" + std::to_string(++number_))})), 200);
    return daemon_->new_alerts().size();
  }
  [[nodiscard]] std::string list() { return daemon_->get("/rules/disabled"); }
  [[nodiscard]] bool has_own_alert(const std::string& rule) {
    return support::wait_until([&] {
      for (const std::string& alert : daemon_->own_alerts()) {
        if (rule_of(alert) == rule && output_field(alert, "disabled_rule") == kRule) {
          return true;
        }
      }
      return false;
    });
  }

  support::TempDir folder_;
  const std::string socket_ = folder_.path("admin.sock");
  const std::string rules_ = folder_.write("rules.yaml", every_event_rule(kRule));
  std::unique_ptr<AuditDaemon> daemon_;
  int number_ = 0;
};

TEST_F(DisabledRule, IsQuietUntilItIsEnabledAndEverybodyIsTold) {
  EXPECT_EQ(alerts_of_one_event(), 1U);
  const auto typed = type({"disable", kRule, "--for", "2h"});
  EXPECT_EQ(typed.status, 0) << typed.err;
  EXPECT_NE(typed.out.find("disabled until 2"), std::string::npos) << typed.out;
  EXPECT_EQ(alerts_of_one_event(), 0U);
  EXPECT_TRUE(has_own_alert("tiercel: rule_disabled"));
  EXPECT_TRUE(daemon_->process().wait_for_log("rule \"Every event\" is disabled for 2h"));
  const auto all = nlohmann::json::parse(list());
  ASSERT_EQ(all["disabled"].size(), 1U);
  EXPECT_EQ(all["disabled"][0]["rule"], kRule);
  EXPECT_GT(all["disabled"][0]["seconds_left"], 7000);
  EXPECT_EQ(nlohmann::json::parse(daemon_->get("/status"))["rules"]["disabled"].size(), 1U);

  // A reload changes nothing of it.
  daemon_->process().signal(SIGHUP);
  ASSERT_TRUE(daemon_->process().wait_for_log("reloaded: 0 rules in force"));
  EXPECT_EQ(alerts_of_one_event(), 0U);

  EXPECT_EQ(type({"enable", kRule}).status, 0);
  EXPECT_EQ(alerts_of_one_event(), 1U);
  EXPECT_TRUE(has_own_alert("tiercel: rule_enabled"));
  EXPECT_EQ(type({"disabled"}).out, "no rule is disabled for a while\n");
}

TEST_F(DisabledRule, ComesBackByItself) {
  EXPECT_EQ(type({"disable", kRule, "--for", "1s"}).status, 0);
  ASSERT_TRUE(daemon_->process().wait_for_log("is not disabled any more: its time is over"));
  ASSERT_TRUE(has_own_alert("tiercel: rule_enabled"));
  EXPECT_EQ(alerts_of_one_event(), 1U);
  EXPECT_EQ(list(), "{\"disabled\":[]}\n");
}

TEST_F(DisabledRule, StaysSoOverARestart) {
  EXPECT_EQ(type({"disable", kRule, "--for", "2h"}).status, 0);
  daemon_->process().signal(SIGTERM);
  EXPECT_EQ(daemon_->process().wait(), 0);
  start();
  EXPECT_TRUE(daemon_->process().wait_for_log("rules stay disabled after the restart"));
  EXPECT_EQ(alerts_of_one_event(), 0U);
  EXPECT_EQ(type({"enable", kRule}).status, 0);
  EXPECT_EQ(alerts_of_one_event(), 1U);
}

// Every user of the host reaches it.
TEST_F(DisabledRule, ThePortTakesNoChanges) {
  const auto refused = type_with({"disable", kRule}, port_option());
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.err.find("'admin.socket'"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("'admin.allow_changes: true'"), std::string::npos) << refused.err;
  EXPECT_EQ(type_with({"enable", kRule}, port_option()).status, 1);
  EXPECT_EQ(type_with({"disabled"}, port_option()).status, 0) << "which changes nothing";
  EXPECT_EQ(alerts_of_one_event(), 1U);
  EXPECT_NE(daemon_->get("/metrics").find("tiercel_admin_refused_total 2\n"), std::string::npos);

  start({"-o", "admin.allow_changes=true"});
  EXPECT_EQ(type_with({"disable", kRule}, port_option()).status, 0);
  EXPECT_EQ(alerts_of_one_event(), 0U);
  EXPECT_NE(daemon_->get("/metrics").find("tiercel_rules{state=\"disabled\"} 1\n"),
            std::string::npos);
}

TEST_F(DisabledRule, EachChangeIsTold) {
  const auto count = [&](const std::string& rule) {
    std::size_t found = 0;
    for (const std::string& alert : daemon_->own_alerts()) {
      found += rule_of(alert) == rule ? 1U : 0U;
    }
    return found;
  };
  for (std::size_t at = 1; at <= 3; ++at) {
    EXPECT_EQ(type({"disable", kRule}).status, 0);
    EXPECT_TRUE(support::wait_until([&] { return count("tiercel: rule_disabled") == at; }));
    EXPECT_EQ(type({"enable", kRule}).status, 0);
    EXPECT_TRUE(support::wait_until([&] { return count("tiercel: rule_enabled") == at; }));
  }
}

TEST_F(DisabledRule, ItsNameIsNoPattern) {
  folder_.write("rules.yaml", every_event_rule(kRule) + every_event_rule("Every*"));
  start({"-o", "rule_matching=all"});
  EXPECT_EQ(alerts_of_one_event(), 2U);
  EXPECT_EQ(type({"disable", "Every*"}).status, 0);
  EXPECT_EQ(alerts_of_one_event(), 1U);
}

// The configuration, or the rule's own file, has the last word once the time is over.
TEST_F(DisabledRule, OneThatWasNotInForceIsNotSaidToBeSo) {
  start({"-o", "rules[].disable.rule=" + std::string(kRule)});
  EXPECT_EQ(type({"disable", kRule}).status, 0);
  EXPECT_TRUE(daemon_->process().wait_for_log("(it was not in force before)"));
  EXPECT_EQ(type({"enable", kRule}).status, 0);
  EXPECT_TRUE(
      daemon_->process().wait_for_log("is not disabled any more: it is still not in force"));
  EXPECT_EQ(daemon_->process().log().find("in force again"), std::string::npos);
}

TEST_F(DisabledRule, AnEndThatNoDaemonSawIsToldOfAtTheStart) {
  daemon_->process().signal(SIGTERM);
  EXPECT_EQ(daemon_->process().wait(), 0);
  folder_.write("store/disabled-rules.json", R"([{"rule": "Every event", "until": 1}])");
  start();
  EXPECT_TRUE(daemon_->process().wait_for_log("its time is over; it is in force again"));
  EXPECT_TRUE(has_own_alert("tiercel: rule_enabled"));
  EXPECT_EQ(alerts_of_one_event(), 1U);
}

// At three in the morning, with a mistake in the files.
TEST_F(DisabledRule, NeedsNoGoodFiles) {
  folder_.write("rules.yaml", "- rule: [");
  EXPECT_EQ(type({"disable", kRule}).status, 0);
  EXPECT_EQ(alerts_of_one_event(), 0U);
}

TEST_F(DisabledRule, WhatCannotBeIsRefusedWithTheReason) {
  const auto unknown = type({"disable", "Every evnt"});
  EXPECT_EQ(unknown.status, 1);
  EXPECT_NE(unknown.err.find("did you mean 'Every event'?"), std::string::npos) << unknown.err;
  const auto too_long = type({"disable", kRule, "--for", "8d"});
  EXPECT_EQ(too_long.status, 1);
  EXPECT_NE(too_long.err.find("1s to 7d"), std::string::npos) << too_long.err;
  EXPECT_EQ(type({"disable", kRule, "--for", "soon"}).status, 2);
  const auto not_disabled = type({"enable", kRule});
  EXPECT_EQ(not_disabled.status, 1);
  EXPECT_NE(not_disabled.err.find("was not disabled"), std::string::npos) << not_disabled.err;
  EXPECT_EQ(alerts_of_one_event(), 1U);
}

// A page in a browser on this host may send forms and plain text to any address.
TEST_F(DisabledRule, APageOfAnotherOriginCannotAsk) {
  start({"-o", "admin.allow_changes=true"});
  const std::string body = R"({"rule": "Every event", "seconds": 60})";
  const auto status = [&](const std::string& request) {
    return support::HttpClient(daemon_->admin_port()).exchange(request).status;
  };
  const std::string length = "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  const std::string start = "POST /rules/disable HTTP/1.1\r\nHost: ";
  EXPECT_EQ(status(start + "127.0.0.1\r\nContent-Type: text/plain\r\n" + length), 415);
  EXPECT_EQ(status(start + "127.0.0.1\r\n" + length), 415);
  EXPECT_EQ(status(start + "evil.example\r\nContent-Type: application/json\r\n" + length), 403);
  EXPECT_EQ(status("GET /rules/disable HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), 405);
  EXPECT_EQ(alerts_of_one_event(), 1U);
  for (const char* const bad :
       {"", "[]", R"({"rule": "Every event"})", R"({"rule": "Every event", "seconds": -1})",
        R"({"rule": "Every event", "seconds": 1e30})"}) {
    EXPECT_EQ(status(support::post("/rules/disable", bad)), 400) << bad;
  }
  EXPECT_EQ(status(support::post("/rules/disable", body)), 200);
  EXPECT_EQ(alerts_of_one_event(), 0U);
}

}  // namespace
}  // namespace tiercel::tests
