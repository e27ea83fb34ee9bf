// watch_config_files: what changes in the files is taken up without a signal.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "harness.h"

namespace tiercel::tests {
namespace {

namespace fs = std::filesystem;

const Lines kWatch{"-o", "watch_config_files=true"};

int number = 0;

std::string rule_of_one_batch(AuditDaemon& daemon) {
  EXPECT_EQ(daemon.post(event_list(Lines{small_event("w" + std::to_string(++number))})), 200);
  const Lines alerts = daemon.new_alerts();
  EXPECT_EQ(alerts.size(), 1U);
  return alerts.empty() ? std::string() : rule_of(alerts.front());
}

std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

std::string broken_rule() {
  return "- rule: Broken\n  desc: d\n  condition: ka.verb = (\n  output: o\n  priority: INFO\n"
         "  source: k8s_audit\n";
}

TEST(Watch, ARenamedFileIsTakenUp) {
  const support::TempDir folder;
  const std::string rules = folder.write("rules.yaml", every_event_rule("Old"));
  AuditDaemon daemon({rules}, kWatch);
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  EXPECT_EQ(rule_of_one_batch(daemon), "Old");
  fs::rename(folder.write("next.yaml", every_event_rule("New")), rules);
  ASSERT_TRUE(daemon.process().wait_for_log("info: reloaded: 1 rule in force"));
  EXPECT_TRUE(daemon.process().wait_for_log(rules + " has changed")) << daemon.process().log();
  EXPECT_EQ(rule_of_one_batch(daemon), "New");
}

// A mistake is told of once, and so is its end.
TEST(Watch, AMistakeKeepsTheOldRulesUntilItIsMended) {
  const support::TempDir folder;
  const std::string rules = folder.write("rules.yaml", every_event_rule("Old"));
  AuditDaemon daemon({rules}, kWatch);
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  folder.write("rules.yaml", every_event_rule("New") + broken_rule());
  ASSERT_TRUE(daemon.process().wait_for_log("not reloaded")) << daemon.process().log();
  EXPECT_EQ(rule_of_one_batch(daemon), "Old");
  folder.write("rules.yaml", every_event_rule("Mended"));
  ASSERT_TRUE(daemon.process().wait_for_log("info: reloaded:")) << daemon.process().log();
  EXPECT_EQ(rule_of_one_batch(daemon), "Mended");
  ASSERT_TRUE(support::wait_until([&] { return daemon.own_alerts().size() == 2; }));
  EXPECT_EQ(rule_of(daemon.own_alerts()[0]), "tiercel: reload_failed");
  EXPECT_EQ(rule_of(daemon.own_alerts()[1]), "tiercel: reload_recovered");
  EXPECT_EQ(count_of(daemon.process().log(), "not reloaded"), 1U);
}

// kubelet: the files are links through ..data, which is exchanged by a rename.
TEST(Watch, AVolumeOfKubernetesIsTakenUpAsAWhole) {
  const support::TempDir folder;
  const std::string volume = folder.path("volume");
  const auto write = [&](const std::string& version, const std::string& name) {
    fs::create_directories(volume + "/.." + version);
    folder.write("volume/.." + version + "/one.yaml", every_event_rule(name + " one"));
    folder.write("volume/.." + version + "/two.yaml", every_event_rule(name + " two"));
  };
  write("2026_1", "Old");
  fs::create_directory_symlink("..2026_1", volume + "/..data");
  for (const char* const name : {"one.yaml", "two.yaml"}) {
    fs::create_symlink(std::string("..data/") + name, volume + "/" + name);
  }
  AuditDaemon daemon({volume}, kWatch);
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  EXPECT_EQ(rule_of_one_batch(daemon), "Old one");
  write("2026_2", "New");
  fs::create_directory_symlink("..2026_2", volume + "/..data_tmp");
  fs::rename(volume + "/..data_tmp", volume + "/..data");
  fs::remove_all(volume + "/..2026_1");
  ASSERT_TRUE(daemon.process().wait_for_log("info: reloaded: 2 rules in force"))
      << daemon.process().log();
  EXPECT_EQ(rule_of_one_batch(daemon), "New one");
  EXPECT_EQ(count_of(daemon.process().log(), "not reloaded"), 0U);
}

// Whoever writes slowly and in place is not read in the middle.
TEST(Watch, AFileIsReadWhenItsWriterIsDone) {
  const support::TempDir folder;
  const std::string rules = folder.write("rules.yaml", every_event_rule("Old"));
  AuditDaemon daemon({rules}, kWatch);
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const std::string text = every_event_rule("New");
  {
    std::ofstream file(rules, std::ios::trunc);
    // Over 1.5 s, longer than the period in which changes are looked for.
    for (std::size_t at = 0; at < text.size(); at += text.size() / 15 + 1) {
      file << text.substr(at, text.size() / 15 + 1) << std::flush;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
  ASSERT_TRUE(daemon.process().wait_for_log("info: reloaded: 1 rule in force"))
      << daemon.process().log();
  EXPECT_EQ(rule_of_one_batch(daemon), "New");
  EXPECT_EQ(count_of(daemon.process().log(), "loading configuration and rules again"), 1U);
  EXPECT_EQ(count_of(daemon.process().log(), "not reloaded"), 0U);
}

TEST(Watch, FilesThatComeAndGoCountAndThoseOfEditorsDoNot) {
  const support::TempDir folder;
  fs::create_directory(folder.path("rules.d"));
  fs::create_directory(folder.path("config.d"));
  folder.write("rules.d/a.yaml", every_event_rule("First"));
  AuditDaemon daemon({folder.path("rules.d")}, {"-o", "watch_config_files=true", "-o",
                                                "config_files=" + folder.path("config.d")});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  folder.write("rules.d/.a.yaml.swp", std::string("b0VIM 8.2\0", 10));
  folder.write("rules.d/a.yaml~", "no: rules");
  folder.write("config.d/.x.yaml.swp", std::string("b0VIM 8.2\0", 10));
  folder.write("config.d/x.yaml~", "[");
  folder.write("rules.d/0.yaml", every_event_rule("Zeroth"));
  ASSERT_TRUE(daemon.process().wait_for_log("info: reloaded: 2 rules in force"))
      << daemon.process().log();
  EXPECT_EQ(rule_of_one_batch(daemon), "Zeroth");
  fs::remove(folder.path("rules.d/0.yaml"));
  ASSERT_TRUE(daemon.process().wait_for_log("info: reloaded: 1 rule in force"))
      << daemon.process().log();
  EXPECT_EQ(rule_of_one_batch(daemon), "First");
  folder.write("config.d/x.yaml", "priority: critical\n");
  ASSERT_TRUE(daemon.process().wait_for_log("info: reloaded: 0 rules in force"))
      << daemon.process().log();
  // The leftovers alone: each real change was one reload.
  EXPECT_EQ(count_of(daemon.process().log(), "loading configuration and rules again"), 3U);
  EXPECT_EQ(count_of(daemon.process().log(), "not reloaded"), 0U);
}

// SIGHUP while a file is being written: what is taken up is one of the versions, whole.
TEST(Watch, AFileThatChangesWhileItIsReadIsReadAgain) {
  const support::TempDir folder;
  constexpr int kRules = 300;
  const auto version = [](int which) {
    std::string text;
    for (int at = 0; at < kRules; ++at) {
      text += every_event_rule("V" + std::to_string(which) + " " + std::to_string(at));
    }
    return text;
  };
  const std::string rules = folder.write("rules.yaml", version(0));
  AuditDaemon daemon({rules}, {"-o", "rule_matching=all"});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  for (int which = 1; which <= 20; ++which) {
    const std::string text = version(which);
    std::ofstream file(rules, std::ios::trunc);
    // Cut behind a rule, so that the half is good as far as it goes.
    const std::size_t half = text.find("- rule", text.size() / 2);
    file << text.substr(0, half) << std::flush;
    daemon.process().signal(SIGHUP);
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    file << text.substr(half) << std::flush;
  }
  daemon.process().signal(SIGHUP);
  ASSERT_TRUE(support::wait_until([&] {
    (void)daemon.post(event_list(Lines{small_event("v" + std::to_string(++number))}));
    const Lines alerts = daemon.new_alerts();
    return !alerts.empty() && rule_of(alerts.front()).starts_with("V20 ");
  })) << daemon.process().log();
  const std::string log = daemon.process().log();
  EXPECT_EQ(count_of(log, "info: reloaded: "),
            count_of(log, "info: reloaded: " + std::to_string(kRules) + " rules in force"))
      << log;
}

}  // namespace
}  // namespace tiercel::tests
