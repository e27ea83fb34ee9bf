// What is answered 200 is stored, whatever becomes of the outputs.
#include <csignal>
#include <filesystem>

#include <gtest/gtest.h>

#include "harness.h"

namespace tiercel::tests {
namespace {

TEST(BrokenOutput, HoldsUpNeitherBatchesNorOtherOutputs) {
  const support::TempDir folder;
  const std::string rules = folder.write("rules.yaml", every_event_rule());
  const std::string path = folder.path("broken/alerts");
  std::filesystem::create_directory(folder.path("broken"));
  AuditDaemon daemon(
      {rules}, {"-o", "outputs.broken.type=file", "-o", "outputs.broken.filename=" + path, "-o",
                "outputs.broken.retry_max=1s"});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  EXPECT_EQ(daemon.post(event_list(Lines{small_event("one")})), 200);
  EXPECT_EQ(daemon.new_alerts().size(), 1U);
  // A folder in the file's place: every write fails.
  std::filesystem::remove_all(folder.path("broken"));
  folder.write("broken", "no folder");
  EXPECT_EQ(daemon.post(event_list(Lines{small_event("two"), small_event("three")})), 200);
  EXPECT_TRUE(daemon.process().wait_for_log("output 'broken' (file) does not take alerts"))
      << daemon.process().log();
  EXPECT_TRUE(support::wait_until([&] { return lines_of_file(daemon.alerts_path()).size() >= 3; }));
  EXPECT_TRUE(daemon.is_healthy());
  // Once the way is free, what waited comes.
  std::filesystem::remove(folder.path("broken"));
  std::filesystem::create_directory(folder.path("broken"));
  EXPECT_TRUE(support::wait_until([&] { return lines_of_file(path).size() >= 2; }))
      << daemon.process().log();
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
  const auto text = support::run_program({"replay", "-q", "--redact", "-r", shipped_rules(), "-"},
                                         joined(events));
  EXPECT_EQ(text.status, 0);
  EXPECT_TRUE(daemon.has_delivered());
  expect_same_lines(lines_of_file(daemon.alerts_path()), lines_of(text.out));
}

}  // namespace
}  // namespace tiercel::tests
