// The daemon killed with SIGKILL at random instants under load: at the end each alert of a batch
// that was answered 200 is in the store exactly once and at each output at least once.
// TIERCEL_CRASH_ROUNDS says how often (50), TIERCEL_TEST_SEED repeats a run.
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness.h"
#include "peer_server.h"

namespace tiercel::tests {
namespace {

constexpr std::size_t kEventsOfBatch = 8;

unsigned from_environment(const char* name, unsigned otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

// Posts batches of new events for ever, each until it is answered 200, as an apiserver does.
class Loader {
 public:
  explicit Loader(int number) : number_(number), thread_([this] { run(); }) {}
  ~Loader() { stop(); }
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  void use_port(std::uint16_t port) { port_ = port; }
  void stop() {
    stopping_ = true;
    if (thread_.joinable()) {
      thread_.join();
    }
  }
  /// Events of batches that were answered 200. After stop().
  [[nodiscard]] const Lines& acknowledged() const { return acknowledged_; }

 private:
  void run() {
    for (int batch = 0; !stopping_; ++batch) {
      Lines ids;
      Lines items;
      for (std::size_t at = 0; at < kEventsOfBatch; ++at) {
        ids.push_back("l" + std::to_string(number_) + "-b" + std::to_string(batch) + "-" +
                      std::to_string(at));
        items.push_back(small_event(ids.back()));
      }
      const std::string body = event_list(items);
      while (!stopping_ && !post(body)) {
        std::this_thread::yield();
      }
      if (!stopping_) {
        acknowledged_.insert(acknowledged_.end(), ids.begin(), ids.end());
      }
    }
  }
  bool post(const std::string& body) {
    const std::uint16_t port = port_;
    if (port == 0) {
      return false;
    }
    support::HttpClient client(port);
    client.set_timeout(std::chrono::seconds(10));
    return client.connected() && client.exchange(support::post("/k8s_audit", body)).status == 200;
  }

  const int number_;
  std::atomic<std::uint16_t> port_{0};
  std::atomic<bool> stopping_{false};
  Lines acknowledged_;
  std::thread thread_;
};

std::map<std::string, int> counted(const Lines& alerts) {
  std::map<std::string, int> ids;
  for (const std::string& alert : alerts) {
    const auto json = nlohmann::json::parse(alert, nullptr, false);
    if (json.is_object() && json["output_fields"].contains("ka.auditid")) {
      ++ids[json["output_fields"]["ka.auditid"].get<std::string>()];
    }
  }
  return ids;
}

Lines bodies(const support::PeerServer& peer) {
  Lines lines;
  for (const support::PeerRequest& request : peer.requests()) {
    const Lines some = lines_of(request.body);
    lines.insert(lines.end(), some.begin(), some.end());
  }
  return lines;
}

TEST(Crash, NothingAcknowledgedIsLostAndNothingIsStoredTwice) {
  const unsigned rounds = from_environment("TIERCEL_CRASH_ROUNDS", 50);
  const unsigned seed = from_environment("TIERCEL_TEST_SEED", std::random_device{}());
  std::printf("TIERCEL_TEST_SEED=%u TIERCEL_CRASH_ROUNDS=%u\n", seed, rounds);
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> life(0, 150);

  const support::TempDir folder;
  const std::string rules = folder.write("rules.yaml", every_event_rule());
  support::PeerServer peer;
  const Lines more{"-o", "store.path=" + folder.path("store"),
                   "-o", "store.durability=full",
                   "-o", "store.segment_size=1MiB",
                   "-o", "file_output.filename=" + folder.path("alerts.log"),
                   "-o", "outputs.peer.type=http",
                   "-o", "outputs.peer.url=" + peer.url("/alerts"),
                   "-o", "outputs.peer.batch=lines",
                   "-o", "outputs.peer.retry_min=50ms",
                   "-o", "outputs.peer.retry_max=100ms",
                   "-o", "shutdown_timeout=60s"};
  std::array<Loader, 3> loaders{Loader{0}, Loader{1}, Loader{2}};
  for (unsigned round = 0; round < rounds; ++round) {
    AuditDaemon daemon({rules}, more);
    const std::uint16_t port = daemon.port();
    ASSERT_NE(port, 0) << "round " << round << "\n" << daemon.process().log();
    for (Loader& loader : loaders) {
      loader.use_port(port);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(life(random)));
    daemon.process().signal(SIGKILL);
    (void)daemon.process().wait();
  }
  Lines acknowledged;
  for (Loader& loader : loaders) {
    loader.stop();
    acknowledged.insert(acknowledged.end(), loader.acknowledged().begin(),
                        loader.acknowledged().end());
  }
  {
    AuditDaemon daemon({rules}, more);
    ASSERT_NE(daemon.port(), 0) << daemon.process().log();
    EXPECT_TRUE(daemon.has_delivered()) << daemon.process().log();
    daemon.process().signal(SIGTERM);
    EXPECT_EQ(daemon.process().wait(), 0) << daemon.process().log();
  }
  const auto history = support::run_program({"alerts", "--json", "--store", folder.path("store")});
  ASSERT_EQ(history.status, 0) << history.err;
  const auto stored = counted(lines_of(history.out));
  const auto in_file = counted(lines_of_file(folder.path("alerts.log")));
  const auto at_peer = counted(bodies(peer));
  std::printf("%zu alerts acknowledged, %zu stored, %zu in the file, %zu at the peer\n",
              acknowledged.size(), stored.size(), in_file.size(), at_peer.size());
  EXPECT_GT(acknowledged.size(), 100U);
  for (const std::string& id : acknowledged) {
    EXPECT_EQ(stored.count(id), 1U) << id;
    EXPECT_EQ(in_file.count(id), 1U) << id;
    EXPECT_EQ(at_peer.count(id), 1U) << id;
  }
  for (const auto& [id, count] : stored) {
    EXPECT_EQ(count, 1) << id;
  }
}

}  // namespace
}  // namespace tiercel::tests
