// What is answered 200 is written; what could not be written is not.
#include <csignal>

#include <gtest/gtest.h>

#include "harness.h"

namespace tiercel::tests {
namespace {

TEST(FullDisk, OnlyBatchesWithAlertsAreRefused) {
  const support::TempDir folder;
  const std::string rules =
      folder.write("deletes.yaml",
                   "- rule: Deletes\n  desc: d\n  condition: ka.verb = delete\n  output: gone\n"
                   "  priority: INFO\n  source: k8s_audit\n");
  AuditDaemon daemon({rules}, {"-o", "file_output.filename=/dev/full"});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const std::string quiet = event_list(Lines{small_event("quiet")});
  std::string loud = quiet;
  loud.replace(loud.find("\"list\""), 6, "\"delete\"");
  EXPECT_EQ(daemon.post(quiet), 200);
  EXPECT_EQ(daemon.post(loud), 503);
  EXPECT_EQ(daemon.post(quiet), 200);
  EXPECT_EQ(daemon.post(loud), 503);
  EXPECT_TRUE(daemon.process().wait_for_log("/dev/full")) << daemon.process().log();
  EXPECT_NE(daemon.process().log().find("make room"), std::string::npos) << daemon.process().log();
  EXPECT_TRUE(daemon.is_healthy());
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(), 0);
}

TEST(StandardOutput, HasTheSameLinesAsTheFile) {
  AuditDaemon daemon({shipped_rules()}, {"-o", "stdout_output.enabled=true"});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const Lines events(bulk().begin(), bulk().begin() + 2000);
  EXPECT_EQ(daemon.post(event_list(events)), 200);
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(), 0);
  EXPECT_EQ(lines_of(daemon.process().out()), daemon.new_alerts());
  expect_same_lines(lines_of(daemon.process().out()), replayed({shipped_rules()}, events));
}

TEST(TextAlerts, AreReplaysToo) {
  AuditDaemon daemon({shipped_rules()}, {"-o", "json_output=false"});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const Lines events(bulk().begin(), bulk().begin() + 2000);
  EXPECT_EQ(daemon.post(event_list(events)), 200);
  const auto text =
      support::run_program({"replay", "-q", "-r", shipped_rules(), "-"}, joined(events));
  EXPECT_EQ(text.status, 0);
  expect_same_lines(lines_of_file(daemon.alerts_path()), lines_of(text.out));
}

}  // namespace
}  // namespace tiercel::tests
