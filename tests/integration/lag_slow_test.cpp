// Every output down for as many alerts as an hour brings at 500 a second, then all of them up
// while alerts go on coming. TIERCEL_LAG_ALERTS says how many (60000; 1800000 is the
// whole). The figures are printed.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness.h"
#include "peer_server.h"

namespace tiercel::tests {
namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;

constexpr std::size_t kArrival = 500;  // alerts a second
constexpr std::size_t kBatch = 400;
constexpr std::uint64_t kMostMemory = 150'000'000;

std::size_t alerts_of_the_time() {
  const char* const text = std::getenv("TIERCEL_LAG_ALERTS");
  return text == nullptr ? kArrival * 120 : std::strtoul(text, nullptr, 10);
}

// An alert of about a kilobyte, which is more than the shipped rules make of recorded events.
std::string long_rule() {
  return "- rule: Every event\n  desc: Any audit event.\n  condition: ka.verb exists\n"
         "  output: \"seen (id=%ka.auditid verb=%ka.verb uri=%ka.uri user=%ka.user.name" +
         std::string(500, '.') + ")\"\n  priority: NOTICE\n  source: k8s_audit\n";
}

// Its time goes on as at 500 events a second, as that of an hour's events does: a segment's ids lie
// in a time of its own.
std::string event_of(std::size_t number) {
  std::string event = small_event("n" + std::to_string(number));
  const std::size_t second = number / kArrival;
  std::array<char, 16> time{};
  std::snprintf(time.data(), time.size(), "T%02zu:%02zu:%02zu", 10 + second / 3600 % 10,
                second / 60 % 60, second % 60);
  constexpr std::string_view kBefore = "T10:00:00";
  for (std::size_t at = event.find(kBefore); at != std::string::npos;
       at = event.find(kBefore, at + 1)) {
    event.replace(at, kBefore.size(), time.data());
  }
  return event;
}

double seconds_since(Steady::time_point begun) {
  return std::chrono::duration<double>(Steady::now() - begun).count();
}

// What Elasticsearch answers to a bulk request that it took.
support::PeerAnswer bulk_answer(const support::PeerRequest& request) {
  auto items = nlohmann::json::array();
  for (std::size_t at = 0; at < lines_of(request.body).size() / 2; ++at) {
    items.push_back({{"create", {{"status", 201}}}});
  }
  return {.body = nlohmann::json{{"errors", false}, {"items", items}}.dump()};
}

class Lag : public testing::Test {
 protected:
  Lag() {
    for (support::PeerServer* const peer : {&http_, &elastic_, &loki_}) {
      peer->keep_requests(false);
    }
    http_.answer_with([this](const auto&) {
      return are_up_ ? support::PeerAnswer{} : support::PeerAnswer{.status = 503};
    });
    elastic_.answer_with([this](const auto& request) {
      return are_up_ ? bulk_answer(request) : support::PeerAnswer{.reset = true};
    });
    loki_.answer_with(
        [this](const auto&) { return support::PeerAnswer{.status = are_up_ ? 204 : 429}; });
  }

  void start() {
    fs::create_directory(folder_.path("late"));
    Lines more{"-o", "store.durability=full", "-o", "store.max_size=8GiB"};
    const std::map<std::string, Lines> outputs{
        {"siem", {"type=http", "url=" + http_.url("/alerts"), "batch=lines"}},
        {"search", {"type=elasticsearch", "url=" + elastic_.url("")}},
        {"logs", {"type=loki", "url=" + loki_.url("")}},
        {"late", {"type=file", "filename=" + folder_.path("late/alerts")}}};
    for (const auto& [name, options] : outputs) {
      for (const std::string& option : options) {
        more.insert(more.end(), {"-o", "outputs." + name + "." + option});
      }
      more.insert(more.end(), {"-o", "outputs." + name + ".retry_max=1s", "-o",
                               "outputs." + name + ".breaker_failures=0"});
    }
    daemon_ = std::make_unique<AuditDaemon>(Lines{folder_.write("rules.yaml", long_rule())}, more);
    ASSERT_NE(daemon_->port(), 0) << daemon_->process().log();
    fs::remove_all(folder_.path("late"));
  }
  bool post(std::size_t events) {
    Lines items;
    for (std::size_t at = 0; at < events; ++at) {
      items.push_back(event_of(++number_));
    }
    const std::string body = event_list(items);
    return support::wait_until([&] { return daemon_->post(body) == 200; });
  }
  void store_many(std::size_t alerts) {
    std::array<std::thread, 4> threads;
    std::atomic<bool> is_good{true};
    for (std::thread& thread : threads) {
      thread = std::thread([&] {
        while (is_good && number_ < alerts) {
          is_good = is_good && post(kBatch);
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    ASSERT_TRUE(is_good) << daemon_->process().log();
  }
  [[nodiscard]] nlohmann::json outputs() {
    support::HttpClient client(daemon_->admin_port());
    client.set_timeout(support::kDeadline);
    return nlohmann::json::parse(client.exchange(support::get("/outputs")).body, nullptr, false);
  }

  const support::TempDir folder_;
  std::atomic<bool> are_up_{false};
  std::atomic<std::size_t> number_{0};
  support::PeerServer http_;
  support::PeerServer elastic_;
  support::PeerServer loki_;
  std::unique_ptr<AuditDaemon> daemon_;
};

TEST_F(Lag, AnHourWithEveryOutputDownCostsNoMemoryAndIsCaughtUpWith) {
  ASSERT_NO_FATAL_FAILURE(start());
  const std::size_t alerts = alerts_of_the_time();
  auto begun = Steady::now();
  ASSERT_NO_FATAL_FAILURE(store_many(alerts));
  const std::uint64_t held = daemon_->process().peak_memory();
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(daemon_->folder().path("store"))) {
    bytes += entry.is_regular_file() ? entry.file_size() : 0;
  }
  const double stored = static_cast<double>(number_.load());
  std::printf("%.0f alerts stored at %.0f/s, %.0f bytes each on the disk; peak memory %.1f MB\n",
              stored, stored / seconds_since(begun), static_cast<double>(bytes) / stored,
              static_cast<double>(held) / 1e6);
  EXPECT_LT(held, kMostMemory);
  EXPECT_TRUE(support::wait_until([&] {
    const auto all = outputs();
    return std::all_of(all.begin(), all.end(), [](const auto& one) {
      return one["name"] == "file" || one["failures"] > 2;
    });
  })) << "they are tried all the time: "
      << outputs();
  for (const auto& one : outputs()) {
    if (one["name"] != "file") {
      EXPECT_GE(one["lag_alerts"], alerts) << one;
    }
  }

  std::atomic<bool> is_over{false};
  std::thread arrival([&] {
    for (auto next = Steady::now(); !is_over; next += std::chrono::milliseconds(100)) {
      std::this_thread::sleep_until(next);
      EXPECT_TRUE(post(kArrival / 10));
    }
  });
  fs::create_directory(folder_.path("late"));
  begun = Steady::now();
  are_up_ = true;
  std::map<std::string, double> rates;
  const double longest = stored / (4 * kArrival) + 30;
  while (rates.size() < 4 && seconds_since(begun) < longest) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    for (const auto& one : outputs()) {
      const auto name = one["name"].get<std::string>();
      if (name != "file" && one["lag_alerts"] < kArrival && rates.count(name) == 0) {
        rates[name] = static_cast<double>(one["delivered"]) / seconds_since(begun);
        std::printf("%s caught up at %.0f alerts/s\n", name.c_str(), rates[name]);
      }
    }
  }
  is_over = true;
  arrival.join();
  EXPECT_EQ(rates.size(), 4U) << outputs().dump(1);
  for (const auto& [name, rate] : rates) {
    EXPECT_GE(rate, 5.0 * kArrival) << name;
  }
  EXPECT_TRUE(daemon_->has_delivered());
  for (const auto& one : outputs()) {
    EXPECT_EQ(one["dropped"], 0) << one;
    EXPECT_EQ(one["dead_lettered"], 0) << one;
  }
  EXPECT_GE(lines_of_file(folder_.path("late/alerts")).size(), number_.load());
  EXPECT_LT(daemon_->process().peak_memory(), kMostMemory);
  std::printf("peak memory at the end %.1f MB\n",
              static_cast<double>(daemon_->process().peak_memory()) / 1e6);
}

}  // namespace
}  // namespace tiercel::tests
