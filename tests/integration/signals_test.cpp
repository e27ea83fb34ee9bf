// SIGUSR1 and SIGTERM while batches arrive.
#include <atomic>
#include <csignal>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "harness.h"

namespace tiercel::tests {
namespace {

constexpr unsigned kSenders = 4;
constexpr int kBatchEvents = 20;

// Posts batches over several connections until it is stopped or refused. Each event of each
// batch has an auditID of its own.
class Load {
 public:
  explicit Load(std::uint16_t port) {
    for (unsigned sender = 0; sender < kSenders; ++sender) {
      threads_.emplace_back([this, port, sender] { send(port, sender); });
    }
  }
  ~Load() { stop(); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  void stop() {
    stopping_ = true;
    for (std::thread& thread : threads_) {
      if (thread.joinable()) {
        thread.join();
      }
    }
  }
  [[nodiscard]] int answered() const { return answered_; }
  /// The auditIDs of all events of the batches that were answered 200.
  [[nodiscard]] Lines taken() {
    const std::lock_guard lock(mutex_);
    return taken_;
  }

 private:
  void send(std::uint16_t port, unsigned sender) {
    support::HttpClient client(port);
    for (int number = 0; !stopping_; ++number) {
      Lines ids;
      Lines events;
      for (int at = 0; at < kBatchEvents; ++at) {
        ids.push_back(std::to_string(sender) + "-" + std::to_string(number) + "-" +
                      std::to_string(at));
        events.push_back(small_event(ids.back()));
      }
      if (client.exchange(support::post("/k8s_audit", event_list(events))).status != 200) {
        return;
      }
      ++answered_;
      const std::lock_guard lock(mutex_);
      taken_.insert(taken_.end(), ids.begin(), ids.end());
    }
  }

  std::atomic<bool> stopping_{false};
  std::atomic<int> answered_{0};
  std::mutex mutex_;
  Lines taken_;
  std::vector<std::thread> threads_;
};

// How often each auditID stands in these alerts; a line that is no whole alert fails.
std::map<std::string, int> ids_of(const Lines& alerts) {
  std::map<std::string, int> counts;
  for (const std::string& alert : alerts) {
    ++counts[output_field(alert, "ka.auditid")];
  }
  return counts;
}

TEST(Terminate, UnderLoadKeepsWhatWasAnswered) {
  const support::TempDir folder;
  AuditDaemon daemon({folder.write("every.yaml", every_event_rule())});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  Load load(daemon.port());
  ASSERT_TRUE(support::wait_until([&] { return load.answered() > 100; }));
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(), 0) << daemon.process().log();
  load.stop();
  const auto counts = ids_of(daemon.new_alerts());
  const Lines taken = load.taken();
  EXPECT_GT(taken.size(), 100U);
  for (const std::string& id : taken) {
    const auto found = counts.find(id);
    EXPECT_EQ(found == counts.end() ? 0 : found->second, 1) << id;
  }
  EXPECT_NE(daemon.process().log().find("ended: "), std::string::npos);
}

TEST(Terminate, InterruptEndsItToo) {
  AuditDaemon daemon;
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  daemon.process().signal(SIGINT);
  EXPECT_EQ(daemon.process().wait(), 0);
}

TEST(Terminate, IdleConnectionsDoNotHoldItUp) {
  AuditDaemon daemon({shipped_rules()}, {"-o", "shutdown_timeout=50s"});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  support::HttpClient idle(daemon.port());
  EXPECT_EQ(idle.exchange(support::get("/healthz")).status, 200);
  const auto start = std::chrono::steady_clock::now();
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(25));
}

TEST(Reopen, RotationUnderLoadLosesAndSplitsNoLine) {
  const support::TempDir folder;
  AuditDaemon daemon({folder.write("every.yaml", every_event_rule())});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  Load load(daemon.port());
  Lines rotated;
  for (int round = 0; round < 5; ++round) {
    const int before = load.answered();
    ASSERT_TRUE(support::wait_until([&] { return load.answered() > before + 40; }));
    rotated.push_back(daemon.alerts_path() + "." + std::to_string(round));
    std::filesystem::rename(daemon.alerts_path(), rotated.back());
    daemon.process().signal(SIGUSR1);
    ASSERT_TRUE(support::wait_until([&] { return std::filesystem::exists(daemon.alerts_path()); }));
  }
  load.stop();
  EXPECT_TRUE(daemon.has_delivered());
  Lines all = lines_of_file(daemon.alerts_path());
  EXPECT_LT(all.size(), load.taken().size());
  for (const std::string& file : rotated) {
    const Lines some = lines_of_file(file);
    EXPECT_FALSE(some.empty()) << file;
    all.insert(all.end(), some.begin(), some.end());
  }
  const auto counts = ids_of(all);
  const Lines taken = load.taken();
  EXPECT_EQ(all.size(), taken.size());
  for (const std::string& id : taken) {
    EXPECT_TRUE(counts.contains(id)) << id;
  }
}

TEST(Reopen, FileThatIsMissingComesBack) {
  const support::TempDir folder;
  AuditDaemon daemon({folder.write("every.yaml", every_event_rule())});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  std::filesystem::remove(daemon.alerts_path());
  daemon.process().signal(SIGUSR1);
  EXPECT_TRUE(support::wait_until([&] { return std::filesystem::exists(daemon.alerts_path()); }));
  EXPECT_EQ(daemon.post(event_list(Lines{small_event("one")})), 200);
  EXPECT_EQ(daemon.new_alerts().size(), 1U);
}

}  // namespace
}  // namespace tiercel::tests
