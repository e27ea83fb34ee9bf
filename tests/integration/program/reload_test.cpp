#include <csignal>
#include <filesystem>

#include <gtest/gtest.h>

#include "samples.h"
#include "test_daemon.h"

namespace tiercel::integration {
namespace {

const std::string kGetRule = R"(
- rule: Reading
  desc: Something was read.
  condition: ka.verb=get
  output: read (id=%ka.auditid)
  priority: WARNING
  source: k8s_audit
)";

TEST(Reload, TakesUpChangedRules) {
  TestDaemon daemon({.rules = kDeletionRule});
  ASSERT_TRUE(daemon.is_up()) << daemon.log();
  EXPECT_EQ(daemon.send(event("1", "get")).status, 200);
  EXPECT_TRUE(daemon.alerts().empty());
  daemon.folder().write("rules.yaml", kGetRule);
  daemon.process().signal(SIGHUP);
  ASSERT_TRUE(daemon.waits_for_log("reloaded: 1 rule in force")) << daemon.log();
  EXPECT_EQ(daemon.send(event("2", "get")).status, 200);
  ASSERT_EQ(daemon.alerts().size(), 1U);
  EXPECT_NE(daemon.alerts()[0].find("(id=2)"), std::string::npos);
}

TEST(Reload, KeepsTheOldRulesWhenTheNewOnesAreBadAndSaysSo) {
  TestDaemon daemon({.rules = kDeletionRule});
  ASSERT_TRUE(daemon.is_up()) << daemon.log();
  daemon.folder().write("rules.yaml", kGetRule + "- rule: Bad\n  condition: ka.verb=\n");
  daemon.process().signal(SIGHUP);
  ASSERT_TRUE(daemon.waits_for_log("not reloaded")) << daemon.log();
  EXPECT_NE(daemon.log().find("rules.yaml:"), std::string::npos);
  ASSERT_TRUE(wait_until([&] { return daemon.alerts().size() == 1; }));
  EXPECT_NE(daemon.alerts()[0].find("\"tiercel: reload_failed\""), std::string::npos)
      << daemon.alerts()[0];
  EXPECT_EQ(daemon.send(event("1", "delete")).status, 200);
  EXPECT_EQ(daemon.alerts().size(), 2U);

  daemon.folder().write("rules.yaml", kGetRule);
  daemon.process().signal(SIGHUP);
  EXPECT_TRUE(daemon.waits_for_log("reloaded: 1 rule in force")) << daemon.log();
}

TEST(Reload, KeepsEverythingWhenTheConfigurationIsBad) {
  TestDaemon daemon({.rules = kDeletionRule});
  ASSERT_TRUE(daemon.is_up()) << daemon.log();
  daemon.folder().write("config.yaml", "no_such_key: 1\n");
  daemon.process().signal(SIGHUP);
  ASSERT_TRUE(daemon.waits_for_log("not reloaded")) << daemon.log();
  EXPECT_EQ(daemon.send(event("1", "delete")).status, 200);
}

TEST(Reload, TakesUpAlertOptionsAndTellsWhatNeedsARestart) {
  TestDaemon daemon({.rules = kDeletionRule});
  ASSERT_TRUE(daemon.is_up()) << daemon.log();
  std::string config = support::read_file(daemon.folder().path("config.yaml"));
  config.replace(config.find("json_output: true"), 17, "json_output: false");
  daemon.folder().write("config.yaml", config + "limits: {max_depth: 100}\n");
  daemon.process().signal(SIGHUP);
  ASSERT_TRUE(daemon.waits_for_log("reloaded: ")) << daemon.log();
  EXPECT_NE(daemon.log().find("'limits.max_depth' has changed; that needs a restart"),
            std::string::npos)
      << daemon.log();
  EXPECT_EQ(daemon.send(event("1", "delete")).status, 200);
  ASSERT_EQ(daemon.alerts().size(), 1U);
  EXPECT_NE(daemon.alerts()[0].front(), '{');
}

TEST(Rotation, ReopensTheAlertFileEvenWhenIdle) {
  TestDaemon daemon({.rules = kDeletionRule});
  ASSERT_TRUE(daemon.is_up()) << daemon.log();
  EXPECT_EQ(daemon.send(event("1", "delete")).status, 200);
  ASSERT_EQ(daemon.alerts().size(), 1U) << "it is in the file that goes";
  std::filesystem::rename(daemon.alert_file(), daemon.alert_file() + ".1");
  daemon.process().signal(SIGUSR1);
  EXPECT_TRUE(wait_until([&] { return std::filesystem::exists(daemon.alert_file()); }));
  EXPECT_EQ(daemon.send(event("2", "delete")).status, 200);
  ASSERT_EQ(daemon.alerts().size(), 1U);
  EXPECT_NE(daemon.alerts()[0].find("(id=2)"), std::string::npos);
}

TEST(Signals, OthersDoNotKill) {
  TestDaemon daemon({.rules = kDeletionRule});
  ASSERT_TRUE(daemon.is_up()) << daemon.log();
  daemon.process().signal(SIGUSR2);
  daemon.process().signal(SIGPIPE);
  EXPECT_EQ(daemon.send(event("1", "delete")).status, 200);
  daemon.process().signal(SIGINT);
  EXPECT_EQ(daemon.process().wait(), 0) << daemon.log();
}

}  // namespace
}  // namespace tiercel::integration
