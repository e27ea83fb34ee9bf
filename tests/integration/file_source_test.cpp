// The daemon follows a log that is written and rotated meanwhile, by fifty rotations of each kind
// and through fifty kills: every line is evaluated, each alert is in the store exactly once and at
// the output at least once. TIERCEL_CRASH_ROUNDS says how many kills, TIERCEL_TEST_SEED repeats a
// run.
#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include "audit_log.h"
#include "harness.h"

namespace tiercel::tests {
namespace {

namespace fs = std::filesystem;

class FileSourceTest : public testing::Test {
 protected:
  FileSourceTest() { fs::create_directory(logs()); }

  [[nodiscard]] std::string logs() const { return folder_.path("logs"); }
  [[nodiscard]] std::string alerts_path() const { return folder_.path("alerts.log"); }
  [[nodiscard]] Lines arguments(const Lines& more = {}) const {
    Lines all{"-o", "file_source.enabled=true",
              "-o", "file_source.paths[0]=" + logs() + "/audit.log",
              "-o", "file_source.from_beginning=true",
              "-o", "store.path=" + folder_.path("store"),
              "-o", "file_output.filename=" + alerts_path(),
              "-o", "quarantine.path=" + folder_.path("quarantine"),
              "-o", "shutdown_timeout=60s"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  [[nodiscard]] Lines rules() const { return {rules_}; }
  // Waits until alerts of so many events are in the file.
  [[nodiscard]] bool has_alerts(int events) const {
    std::map<std::string, int> ids;
    std::size_t seen = 0;
    return support::wait_until([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      std::ifstream file(alerts_path(), std::ios::binary);
      file.seekg(static_cast<std::streamoff>(seen));
      std::string text{std::istreambuf_iterator<char>(file), {}};
      text.resize(text.rfind('\n') + 1);
      seen += text.size();
      for (const auto& [id, count] : alerts_by_event(lines_of(text))) {
        ids[id] += count;
      }
      return ids.size() >= static_cast<std::size_t>(events);
    });
  }
  // Ends the daemon; each alert is stored once and delivered.
  void expect_all(AuditDaemon& daemon, const AuditLog& log) {
    EXPECT_TRUE(has_alerts(log.written())) << daemon.process().log();
    EXPECT_TRUE(daemon.has_delivered());
    daemon.process().signal(SIGTERM);
    EXPECT_EQ(daemon.process().wait(), 0) << daemon.process().log();
    const auto history =
        support::run_program({"alerts", "--json", "--store", folder_.path("store")});
    ASSERT_EQ(history.status, 0) << history.err;
    const auto stored = alerts_by_event(lines_of(history.out));
    const auto in_file = alerts_by_event(lines_of_file(alerts_path()));
    int missing = 0;
    for (int number = 0; number < log.written(); ++number) {
      const auto found = stored.find(log.id(number));
      missing += found == stored.end() ? 1 : 0;
      EXPECT_TRUE(found == stored.end() || found->second == 1) << log.id(number);
      EXPECT_EQ(in_file.count(log.id(number)), 1U) << log.id(number);
    }
    EXPECT_EQ(missing, 0) << "of " << log.written();
    EXPECT_EQ(stored.size(), static_cast<std::size_t>(log.written()));
    std::printf("%d lines, each alert stored once\n", log.written());
  }

  const support::TempDir folder_;
  const std::string rules_ = folder_.write("rules.yaml", every_event_rule());
};

class Rotations : public FileSourceTest, public testing::WithParamInterface<Rotation> {};

TEST_P(Rotations, FiftyUnderLoadLoseNoLine) {
  AuditLog log(logs(), "r");
  AuditDaemon daemon(rules(), arguments());
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  // What is rotated before the first look is not read.
  ASSERT_TRUE(daemon.process().wait_for_log("following "));
  std::mt19937 random(5);
  for (int rotation = 0; rotation < 50; ++rotation) {
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 40));
    log.rotate(GetParam());
  }
  log.stop();
  expect_all(daemon, log);
  // No line twice either, and nothing told that did not happen.
  EXPECT_NE(daemon.process().log().find(
                " file_source_lines_total=" + std::to_string(log.written()) + " "),
            std::string::npos)
      << daemon.process().log();
  EXPECT_EQ(daemon.process().log().find("lost"), std::string::npos) << daemon.process().log();
}

std::string name_of(const testing::TestParamInfo<Rotation>& one) {
  constexpr std::array kNames{"Lumberjack", "Compress", "LateWriter", "CopyTruncate", "Hole"};
  return kNames.at(static_cast<std::size_t>(one.param));
}

INSTANTIATE_TEST_SUITE_P(FileSource, Rotations,
                         testing::Values(Rotation::kLumberjack, Rotation::kCompress,
                                         Rotation::kLateWriter, Rotation::kCopyTruncate,
                                         Rotation::kHole),
                         name_of);

TEST_F(FileSourceTest, FiftyKillsAmongRotationsLoseAndDoubleNothing) {
  const unsigned rounds = from_environment("TIERCEL_CRASH_ROUNDS", 50);
  const unsigned seed = from_environment("TIERCEL_TEST_SEED", std::random_device{}());
  std::printf("TIERCEL_TEST_SEED=%u TIERCEL_CRASH_ROUNDS=%u\n", seed, rounds);
  std::mt19937 random(seed);
  AuditLog log(logs(), "k");
  const Lines more =
      arguments({"-o", "store.durability=full", "-o", "file_source.poll_interval=20ms"});
  for (unsigned round = 0; round < rounds; ++round) {
    AuditDaemon daemon(rules(), more);
    ASSERT_NE(daemon.port(), 0) << "round " << round << "\n" << daemon.process().log();
    if (round == 0) {
      // The first look is stored: one that is not would be another first look at the next start.
      ASSERT_TRUE(has_alerts(1)) << daemon.process().log();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 100));
    if (random() % 2 == 0) {
      log.rotate(static_cast<Rotation>(random() % 5));
      std::this_thread::sleep_for(std::chrono::milliseconds(random() % 30));
    }
    daemon.process().signal(SIGKILL);
    (void)daemon.process().wait();
    for (auto meanwhile = random() % 3; meanwhile > 0; --meanwhile) {
      log.rotate(static_cast<Rotation>(random() % 5));
    }
  }
  log.stop();
  AuditDaemon daemon(rules(), more);
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  expect_all(daemon, log);
}

TEST_F(FileSourceTest, LogrotateItself) {
  const std::string logrotate = "/usr/sbin/logrotate";
  if (!fs::exists(logrotate)) {
    GTEST_SKIP() << "no logrotate here";
  }
  AuditLog log(logs(), "l");
  AuditDaemon daemon(rules(), arguments());
  ASSERT_TRUE(daemon.process().wait_for_log("following "));
  for (const std::string kind : {"copytruncate", "create", "copytruncate\ncompress",
                                 "create\ncompress\ndelaycompress", "create\ndateext"}) {
    const std::string config = folder_.write(
        "logrotate.conf", log.path() + " {\nrotate 100\nsu root root\n" + kind + "\n}\n");
    fs::permissions(config, fs::perms::owner_read | fs::perms::owner_write);
    const int rounds = kind.ends_with("dateext") ? 1 : 3;  // a name a day
    for (int round = 0; round < rounds; ++round) {
      log.run({logrotate, "-f", "-s", folder_.path("state"), config}, kind.starts_with("create"));
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  log.stop();
  expect_all(daemon, log);
}

TEST_F(FileSourceTest, BadLinesAreQuarantinedAndTheRestEvaluated) {
  const std::string long_line = small_event("long", ",\"x\":\"" + std::string(200'000, 'x') + "\"");
  std::ofstream file(logs() + "/audit.log");
  file << small_event("a") << "\nno JSON at all\n"
       << small_event("b") << "\n\xFF\xFE{\"kind\":\n"
       << small_event("c").substr(0, 100) << "\n"
       << long_line << "\n[]\n{\"kind\":\"Pod\"}\n"
       << event_list(Lines{small_event("d"), small_event("e")}) << "\n"
       << small_event("f") << "\n"
       << std::flush;
  AuditDaemon daemon(rules(), arguments({"-o", "limits.max_event=64KiB"}));
  EXPECT_TRUE(has_alerts(5)) << daemon.process().log();
  EXPECT_TRUE(daemon.is_healthy());
  std::map<std::string, int> own;
  EXPECT_TRUE(support::wait_until([&] {
    own.clear();
    for (const std::string& alert : lines_of_file(alerts_path())) {
      ++own[rule_of(alert)];
    }
    return own.contains("tiercel: too_large") && own.contains("tiercel: not_json");
  }));
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(), 0);
  const auto quarantined =
      std::distance(fs::directory_iterator(folder_.path("quarantine")), fs::directory_iterator{});
  EXPECT_GE(quarantined, 5) << daemon.process().log();
}

// In the place of the apiserver, which no event names.
TEST_F(FileSourceTest, AnAlertNamesTheLogThatItsEventCameBy) {
  const std::string log = logs() + "/audit.log";
  std::ofstream(log) << small_event("a") << "\nno JSON at all\n";
  AuditDaemon daemon(rules(), arguments({"-o", "json_include_apiserver_property=true"}));
  std::map<std::string, std::string> by_rule;
  EXPECT_TRUE(support::wait_until([&] {
    for (const std::string& line : lines_of_file(alerts_path())) {
      const auto alert = nlohmann::json::parse(line, nullptr, false);
      by_rule[rule_of(line)] = alert.is_object() ? alert.value("apiserver", "") : "";
    }
    return by_rule.contains("tiercel: not_json") && by_rule.contains("Every event");
  })) << daemon.process().log();
  EXPECT_EQ(by_rule["Every event"], log);
  EXPECT_EQ(by_rule["tiercel: not_json"], log);
}

TEST_F(FileSourceTest, ARelativePathIsAMistake) {
  const std::string config = folder_.write(
      "tiercel.yaml", "rules_files: [" + rules_ + "]\nfile_source: {paths: [/a, audit.log]}\n");
  const auto checked = support::run_program({"check", "-c", config});
  EXPECT_EQ(checked.status, 1);
  EXPECT_NE(checked.out.find("must be an absolute path"), std::string::npos) << checked.out;
}

TEST_F(FileSourceTest, AQuietLogCostsNextToNothing) {
  for (int file = 0; file < 20; ++file) {
    std::ofstream(logs() + "/other-" + std::to_string(file) + ".log") << small_event("x") << "\n";
  }
  AuditDaemon daemon(rules(), arguments({"-o", "file_source.paths[1]=" + logs() + "/other-*.log"}));
  EXPECT_TRUE(has_alerts(1));
  const auto used = [] {
    rusage usage{};
    ::getrusage(RUSAGE_CHILDREN, &usage);
    return std::chrono::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           std::chrono::microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
  };
  const auto before = used();
  std::this_thread::sleep_for(std::chrono::seconds(3));
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(), 0);
  const auto cost = used() - before;
  std::printf(
      "3 s over 21 files, start and end included: %lld ms of CPU\n",
      static_cast<long long>(std::chrono::duration_cast<std::chrono::milliseconds>(cost).count()));
  EXPECT_LT(cost, std::chrono::milliseconds(1500));
}

}  // namespace
}  // namespace tiercel::tests
