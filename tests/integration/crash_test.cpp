// The daemon killed with SIGKILL at random instants under load, on an ordinary disk and on ones
// that lose what was not synced (support/forgetful_vfs.h): at the end each alert of a batch that
// was answered 200 is in the store exactly once and at each output at least once. Without synced
// commits it is not, which shows that this test can fail.
// TIERCEL_CRASH_ROUNDS says how often (50), TIERCEL_TEST_SEED repeats a run.
#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "crash_loader.h"
#include "harness.h"
#include "peer_server.h"

namespace tiercel::tests {
namespace {

namespace fs = std::filesystem;

struct Run {
  const char* name;
  const char* disk;  ///< "ordinary", "forgotten" or "scattered"
  const char* durability;
};

// Where the alerts of acknowledged batches are after a run.
struct Outcome {
  Lines acknowledged;
  std::map<std::string, int> stored;
  std::map<std::string, int> in_file;
  std::map<std::string, int> at_peer;

  [[nodiscard]] std::size_t missing(const std::map<std::string, int>& place) const {
    std::size_t count = 0;
    for (const std::string& id : acknowledged) {
      count += place.count(id) == 0 ? 1U : 0U;
    }
    return count;
  }
};

// One daemon after another in the same place.
class Crash {
 public:
  explicit Crash(const Run& run)
      : run_(run),
        seed_(from_environment("TIERCEL_TEST_SEED", std::random_device{}())),
        random_(seed_),
        rules_(folder_.write("rules.yaml", every_event_rule())) {
    std::printf("TIERCEL_TEST_SEED=%u\n", seed_);
    peer_.answer_with([this](const support::PeerRequest& request) {
      if (is_peer_down_) {
        return support::PeerAnswer{.status = 503};
      }
      const std::lock_guard lock(mutex_);
      const Lines lines = lines_of(request.body);
      taken_.insert(taken_.end(), lines.begin(), lines.end());
      return support::PeerAnswer{};
    });
  }

  void let_peer_down(bool is_down) { is_peer_down_ = is_down; }
  void kill_under_load(unsigned rounds);
  [[nodiscard]] Outcome end();

 private:
  [[nodiscard]] std::unique_ptr<AuditDaemon> start();
  void lose_power();
  [[nodiscard]] std::string alerts() const { return folder_.path("out/alerts.log"); }

  const Run run_;
  const unsigned seed_;
  std::mt19937 random_;
  const support::TempDir folder_;
  const std::string rules_;
  std::atomic<bool> is_peer_down_{false};
  std::mutex mutex_;
  Lines taken_;  ///< by the peer; guarded by mutex_
  support::PeerServer peer_;
  std::array<CrashLoader, 3> loaders_{CrashLoader{0}, CrashLoader{1}, CrashLoader{2}};
};

std::unique_ptr<AuditDaemon> Crash::start() {
  fs::create_directories(folder_.path("out"));
  const Lines more{"-o", "store.path=" + folder_.path("store"),
                   "-o", std::string("store.durability=") + run_.durability,
                   "-o", "store.segment_size=1MiB",
                   "-o", "file_output.filename=" + alerts(),
                   "-o", "outputs.peer.type=http",
                   "-o", "outputs.peer.url=" + peer_.url("/alerts"),
                   "-o", "outputs.peer.batch=lines",
                   "-o", "outputs.peer.retry_min=50ms",
                   "-o", "outputs.peer.retry_max=100ms",
                   "-o", "shutdown_timeout=60s"};
  Lines program;
  if (run_.disk != std::string_view("ordinary")) {
    program = {TRIAL_DAEMON, run_.disk, std::to_string(random_()), folder_.path("out")};
  }
  return std::make_unique<AuditDaemon>(Lines{rules_}, more, program);
}

// What of the alert file was not synced is gone, or as much of it as happened to reach the disk.
void Crash::lose_power() {
  if (run_.disk == std::string_view("ordinary") || !fs::exists(alerts())) {
    return;
  }
  std::uintmax_t synced = 0;
  std::ifstream(alerts() + ".synced") >> synced;
  const std::uintmax_t size = fs::file_size(alerts());
  ASSERT_LE(synced, size);
  const std::uintmax_t more = run_.disk == std::string_view("scattered") ? size - synced : 0;
  fs::resize_file(alerts(), synced + random_() % (more + 1));
}

void Crash::kill_under_load(unsigned rounds) {
  std::uniform_int_distribution<int> life(0, 120);
  for (unsigned round = 0; round < rounds; ++round) {
    const auto daemon = start();
    // Every fourth is killed wherever its start has got to.
    const bool is_young = round % 4 == 3;
    if (!is_young) {
      const std::uint16_t port = daemon->port();
      ASSERT_NE(port, 0) << "round " << round << "\n" << daemon->process().log();
      for (CrashLoader& loader : loaders_) {
        loader.use_port(port);
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(life(random_)));
    daemon->process().signal(SIGKILL);
    EXPECT_EQ(daemon->process().wait(), 128 + SIGKILL) << daemon->process().log();
    EXPECT_EQ(daemon->process().log().find("damaged"), std::string::npos)
        << daemon->process().log();
    ASSERT_NO_FATAL_FAILURE(lose_power());
  }
}

Outcome Crash::end() {
  Outcome outcome;
  for (CrashLoader& loader : loaders_) {
    loader.stop();
    outcome.acknowledged.insert(outcome.acknowledged.end(), loader.acknowledged().begin(),
                                loader.acknowledged().end());
  }
  const auto daemon = start();
  EXPECT_NE(daemon->port(), 0) << daemon->process().log();
  EXPECT_TRUE(daemon->has_delivered()) << daemon->process().log();
  daemon->process().signal(SIGTERM);
  EXPECT_EQ(daemon->process().wait(), 0) << daemon->process().log();
  lose_power();
  const auto history = support::run_program({"alerts", "--json", "--store", folder_.path("store")});
  outcome.stored = alerts_by_event(lines_of(history.out));
  outcome.in_file = alerts_by_event(lines_of_file(alerts()));
  {
    const std::lock_guard lock(mutex_);
    outcome.at_peer = alerts_by_event(taken_);
  }
  std::printf("%zu alerts acknowledged, %zu stored, %zu in the file, %zu at the peer\n",
              outcome.acknowledged.size(), outcome.stored.size(), outcome.in_file.size(),
              outcome.at_peer.size());
  EXPECT_GT(outcome.acknowledged.size(), 100U) << "nothing much was tried";
  for (const auto& [id, count] : outcome.stored) {
    EXPECT_EQ(count, 1) << id;
  }
  return outcome;
}

std::string name_of(const testing::TestParamInfo<Run>& run) { return run.param.name; }

class Durable : public testing::TestWithParam<Run> {};

TEST_P(Durable, NothingAcknowledgedIsLostAndNothingIsStoredTwice) {
  Crash crash(GetParam());
  ASSERT_NO_FATAL_FAILURE(crash.kill_under_load(from_environment("TIERCEL_CRASH_ROUNDS", 50)));
  const Outcome outcome = crash.end();
  EXPECT_EQ(outcome.missing(outcome.stored), 0U);
  EXPECT_EQ(outcome.missing(outcome.in_file), 0U);
  EXPECT_EQ(outcome.missing(outcome.at_peer), 0U);
}

INSTANTIATE_TEST_SUITE_P(Crash, Durable,
                         testing::Values(Run{"Full", "ordinary", "full"},
                                         Run{"FullOnAForgetfulDisk", "forgotten", "full"},
                                         Run{"FullOnATearingDisk", "scattered", "full"},
                                         Run{"Normal", "ordinary", "normal"}),
                         &name_of);

class Lossy : public testing::TestWithParam<Run> {};

// The peer takes nothing until the last daemon runs: what the store has lost does not come.
TEST_P(Lossy, WhatWasAcknowledgedIsSeenToBeLost) {
  Crash crash(GetParam());
  crash.let_peer_down(true);
  ASSERT_NO_FATAL_FAILURE(crash.kill_under_load(20));
  crash.let_peer_down(false);
  const Outcome outcome = crash.end();
  EXPECT_GT(outcome.missing(outcome.stored), 0U);
  EXPECT_GT(outcome.missing(outcome.at_peer), 0U);
}

INSTANTIATE_TEST_SUITE_P(Crash, Lossy,
                         testing::Values(Run{"Memory", "ordinary", "memory"},
                                         Run{"MemoryOnAForgetfulDisk", "forgotten", "memory"},
                                         Run{"NormalOnAForgetfulDisk", "forgotten", "normal"},
                                         Run{"NormalOnATearingDisk", "scattered", "normal"}),
                         &name_of);

}  // namespace
}  // namespace tiercel::tests
