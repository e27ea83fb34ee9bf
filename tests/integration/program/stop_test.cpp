#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <set>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "samples.h"
#include "test_daemon.h"

namespace tiercel::integration {
namespace {

using support::HttpClient;

// Posts batches over several connections until they are refused; remembers what was
// answered 200.
class Load {
 public:
  Load(std::uint16_t port, int connections) {
    for (int number = 0; number < connections; ++number) {
      acknowledged_.emplace_back();
      statuses_.emplace_back();
    }
    for (int number = 0; number < connections; ++number) {
      threads_.emplace_back([this, port, number] { post_on(port, number); });
    }
  }
  ~Load() { end(); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  [[nodiscard]] int answered() const { return answered_; }
  void end() {
    is_over_ = true;
    for (std::thread& thread : threads_) {
      if (thread.joinable()) {
        thread.join();
      }
    }
  }
  /// Only after end().
  [[nodiscard]] std::set<std::string> acknowledged() const {
    std::set<std::string> all;
    for (const auto& one : acknowledged_) {
      all.insert(one.begin(), one.end());
    }
    return all;
  }
  [[nodiscard]] std::set<int> statuses() const {
    std::set<int> all;
    for (const auto& one : statuses_) {
      all.insert(one.begin(), one.end());
    }
    return all;
  }

 private:
  void post_on(std::uint16_t port, int number) {
    const auto index = static_cast<std::size_t>(number);
    HttpClient client(port);
    for (int batch = 0; !is_over_; ++batch) {
      const std::string id = std::to_string(number) + "-" + std::to_string(batch);
      const support::HttpAnswer answer = client.exchange(
          support::post("/k8s_audit", list_of({event(id, "delete"), event("other", "get")})));
      statuses_[index].insert(answer.status);
      if (answer.status != 200) {
        return;
      }
      acknowledged_[index].push_back(id);
      ++answered_;
    }
  }

  std::atomic<bool> is_over_{false};
  std::atomic<int> answered_{0};
  std::vector<std::vector<std::string>> acknowledged_;
  std::vector<std::set<int>> statuses_;
  std::vector<std::thread> threads_;
};

std::set<std::string> ids_in(const std::vector<std::string>& alerts) {
  std::set<std::string> ids;
  for (const std::string& alert : alerts) {
    const std::size_t from = alert.find("(id=") + 4;
    ids.insert(alert.substr(from, alert.find(')', from) - from));
  }
  return ids;
}

// The acknowledged ones that are not among the alerts.
std::set<std::string> lost(const std::set<std::string>& acknowledged,
                           const std::vector<std::string>& alerts) {
  const std::set<std::string> written = ids_in(alerts);
  std::set<std::string> missing;
  std::set_difference(acknowledged.begin(), acknowledged.end(), written.begin(), written.end(),
                      std::inserter(missing, missing.end()));
  return missing;
}

TEST(Stop, UnderLoadLosesNothingThatWasAcknowledged) {
  TestDaemon daemon({.rules = kDeletionRule});
  ASSERT_TRUE(daemon.is_up()) << daemon.log();
  Load load(daemon.port(), 4);
  ASSERT_TRUE(wait_until([&] { return load.answered() > 200; }));
  const int before = load.answered();
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(daemon.stop(), 0) << daemon.log();
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
  load.end();
  std::printf("stop under load: %d batches answered 200, %d of them since; ended after %.0f ms\n",
              load.answered(), load.answered() - before, took.count());
  EXPECT_EQ(lost(load.acknowledged(), daemon.alerts()), std::set<std::string>{});
  // What was refused was told so, or the connection was closed between two requests.
  for (const int status : load.statuses()) {
    EXPECT_TRUE(status == 200 || status == 429 || status == 0) << status;
  }
}

TEST(Stop, AKillLosesNothingThatWasAcknowledged) {
  TestDaemon daemon({.rules = kDeletionRule});
  ASSERT_TRUE(daemon.is_up()) << daemon.log();
  Load load(daemon.port(), 4);
  ASSERT_TRUE(wait_until([&] { return load.answered() > 200; }));
  daemon.process().signal(SIGKILL);
  EXPECT_EQ(daemon.process().wait(), 128 + SIGKILL);
  load.end();
  // A 200 means stored; the output may not have come that far.
  const Finished stored = run_process({TIERCEL_BINARY, "alerts", "--json", "--store", "store"}, {},
                                      daemon.folder().path());
  ASSERT_EQ(stored.status, 0) << stored.err;
  EXPECT_EQ(lost(load.acknowledged(), lines_of(stored.out)), std::set<std::string>{});
}

TEST(Stop, AnIdleConnectionDoesNotHoldItUp) {
  TestDaemon daemon({.rules = kDeletionRule});
  ASSERT_TRUE(daemon.is_up()) << daemon.log();
  HttpClient idle(daemon.port());
  EXPECT_EQ(idle.exchange(support::get("/healthz")).status, 200);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{10});
}

TEST(Stop, ABlockedOutputDoesNotHoldItUpForever) {
  const support::TempDir dir;
  const std::string pipe = dir.path("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);  // and never reads
  ASSERT_GE(reader, 0);
  TestDaemon daemon({.rules = kDeletionRule,
                     .more_config = "stdout_output: {enabled: true}\nshutdown_timeout: 1s\n",
                     .has_alert_file = false,
                     .out = pipe});
  ASSERT_TRUE(daemon.is_up()) << daemon.log();
  std::vector<std::string> items;
  for (int number = 0; number < 1000; ++number) {
    items.push_back(event(std::to_string(number), "delete"));
  }
  HttpClient client(daemon.port());
  ASSERT_TRUE(client.send(support::post("/k8s_audit", list_of(items))));
  // A full pipe: 64 KiB of the alerts have gone in.
  ASSERT_TRUE(wait_until([&] {
    char waiting = 0;
    return ::read(reader, &waiting, 1) == 1;
  }));
  EXPECT_EQ(daemon.stop(), 1);
  EXPECT_NE(daemon.log().find("output 'stdout' blocks"), std::string::npos) << daemon.log();
  // The alerts are in the store, whatever the pipe does.
  EXPECT_EQ(client.read_answer().status, 200);
  ::close(reader);
}

}  // namespace
}  // namespace tiercel::integration
