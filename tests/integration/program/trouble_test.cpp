#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

#include "samples.h"
#include "test_daemon.h"

namespace tiercel::integration {
namespace {

// It does not start, with status 1 and a message that holds each of these.
void expect_refusal(TestDaemon& daemon, const std::vector<std::string>& parts) {
  EXPECT_FALSE(daemon.is_up());
  EXPECT_EQ(daemon.process().wait(), 1);
  for (const std::string& part : parts) {
    EXPECT_NE(daemon.log().find(part), std::string::npos) << part << " in\n" << daemon.log();
  }
}

TEST(Trouble, AnAlertFileThatCannotBeWrittenIsAStartUpError) {
  TestDaemon daemon({.rules = kDeletionRule,
                     .more_config = "file_output: {enabled: true, filename: none/alerts.log}\n",
                     .has_alert_file = false});
  expect_refusal(daemon, {"Error: ", "none/alerts.log", "create the folder"});
}

TEST(Trouble, APortInUseIsNamed) {
  TestDaemon first({.rules = kDeletionRule});
  ASSERT_TRUE(first.is_up()) << first.log();
  const std::string port = std::to_string(first.port());
  TestDaemon second({.rules = kDeletionRule, .arguments = {"-o", "webserver.listen_port=" + port}});
  expect_refusal(second, {"Error: ", port, "webserver.listen_port"});
}

TEST(Trouble, RulesThatDoNotLoadAreAStartUpError) {
  TestDaemon daemon({.rules = "- rule: Bad\n  desc: d\n  condition: ka.verb=\n  output: x\n"
                              "  priority: WARNING\n  source: k8s_audit\n"});
  expect_refusal(daemon, {"rules.yaml:3:", "error: "});
}

TEST(Trouble, AConfigurationWithMistakesIsAStartUpError) {
  TestDaemon daemon({.rules = kDeletionRule, .more_config = "webservr: {}\n"});
  expect_refusal(daemon, {"config.yaml:10:", "webservr", "webserver"});
}

TEST(Trouble, NoOutputIsAStartUpError) {
  TestDaemon daemon({.rules = kDeletionRule, .has_alert_file = false});
  expect_refusal(daemon, {"No output configured", "stdout_output"});
}

TEST(Trouble, AnOutputOnAFullDiskHoldsUpNoBatch) {
  TestDaemon daemon({.rules = kDeletionRule,
                     .more_config = "file_output: {enabled: true, filename: /dev/full}\n",
                     .has_alert_file = false});
  ASSERT_TRUE(daemon.is_up()) << daemon.log();
  EXPECT_EQ(daemon.send(event("1", "delete")).status, 200);
  EXPECT_TRUE(daemon.waits_for_log("No space left on device")) << daemon.log();
  EXPECT_TRUE(daemon.waits_for_log("wait in the store")) << daemon.log();
  EXPECT_EQ(daemon.stop(), 0);
}

TEST(Trouble, AnOutputThatFailsDoesNotStopTheOther) {
  TestDaemon daemon({.rules = kDeletionRule,
                     .more_config = "stdout_output: {enabled: true}\n",
                     .out = "/dev/full"});
  ASSERT_TRUE(daemon.is_up()) << daemon.log();
  EXPECT_EQ(daemon.send(event("1", "delete")).status, 200);
  const auto lines = [&] { return lines_of(support::read_file(daemon.alert_file())); };
  ASSERT_TRUE(wait_until([&] { return lines().size() >= 2; })) << daemon.log();
  EXPECT_NE(lines()[0].find("(id=1)"), std::string::npos);
  EXPECT_NE(lines()[1].find("\"tiercel: output_failed\""), std::string::npos);
}

TEST(Trouble, AQuarantineThatCannotBeWrittenDoesNotStopAnything) {
  TestDaemon daemon({.rules = kDeletionRule, .arguments = {"-o", "quarantine.path=/dev/null/x"}});
  ASSERT_TRUE(daemon.is_up()) << daemon.log();
  EXPECT_NE(daemon.log().find("quarantine /dev/null/x"), std::string::npos) << daemon.log();
  EXPECT_EQ(daemon.send("no JSON").status, 200);
  EXPECT_TRUE(wait_until([&] { return daemon.alerts().size() == 1; }));
}

TEST(Trouble, AConfigurationThatIsNotThere) {
  const Finished run = run_process({TIERCEL_BINARY, "run", "-c", "/none.yaml"});
  EXPECT_EQ(run.status, 1);
  EXPECT_NE(run.err.find("/none.yaml"), std::string::npos) << run.err;
  EXPECT_EQ(run.out, "");
}

TEST(Trouble, DryRunEndsBeforeAnythingIsOpened) {
  TestDaemon daemon({.rules = kDeletionRule, .arguments = {"--dry-run"}});
  EXPECT_FALSE(daemon.is_up());
  EXPECT_EQ(daemon.process().wait(), 0) << daemon.log();
  EXPECT_FALSE(std::filesystem::exists(daemon.alert_file()));
}

}  // namespace
}  // namespace tiercel::integration
