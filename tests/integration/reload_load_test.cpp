// Rules exchanged all the time under load: each event is evaluated once, by one of the rule sets.
// Prints its figures.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness.h"
#include "notify_socket.h"

namespace tiercel::tests {
namespace {

using std::chrono::steady_clock;

double milliseconds_since(steady_clock::time_point then) {
  return std::chrono::duration<double, std::milli>(steady_clock::now() - then).count();
}

TEST(ReloadUnderLoad, NoRequestFailsAndEachEventIsEvaluatedOnce) {
  const unsigned reloads = from_environment("TIERCEL_RELOADS", 1000);
  const support::NotifySocket notify;
  const support::TempDir folder;
  // Either gives each event one alert. Exchanged by their link, both were written long ago.
  folder.write("even.yaml", every_event_rule("Even"));
  folder.write("odd.yaml", every_event_rule("Odd"));
  const std::string rules = folder.path("rules.yaml");
  std::filesystem::create_symlink("even.yaml", rules);
  AuditDaemon daemon({rules}, {}, {"/usr/bin/env", notify.variable(), TIERCEL_BINARY});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  ASSERT_TRUE(notify.next().starts_with("READY=1"));

  std::atomic<bool> is_over{false};
  std::atomic<int> events{0};
  std::array<double, 2> slowest{};  // of each sender, milliseconds
  const auto send = [&](const std::string& sender, double& longest) {
    support::HttpClient client(daemon.port());
    client.set_timeout(support::kDeadline);
    for (int at = 0; !is_over; ++at) {
      const std::string id = sender + std::to_string(at);
      const Lines items{small_event(id + "a"), small_event(id + "b")};
      const auto sent = steady_clock::now();
      ASSERT_EQ(client.exchange(support::post("/k8s_audit", event_list(items))).status, 200);
      longest = std::max(longest, milliseconds_since(sent));
      events += 2;
    }
  };
  std::thread first(send, "x", std::ref(slowest[0]));
  std::thread second(send, "y", std::ref(slowest[1]));
  const auto began = steady_clock::now();
  for (unsigned at = 1; at <= reloads; ++at) {
    const std::string link = folder.path("next.yaml");
    std::filesystem::create_symlink(at % 2 == 0 ? "even.yaml" : "odd.yaml", link);
    std::filesystem::rename(link, rules);
    daemon.process().signal(SIGHUP);
    // One reload each: the message after it is awaited.
    ASSERT_TRUE(notify.next_of("READY=1").ends_with("1 rule in force")) << daemon.process().log();
  }
  const double all = milliseconds_since(began);
  is_over = true;
  first.join();
  second.join();
  std::printf("%u reloads in %.1f s: %d events answered 200, the slowest answer after %.1f ms\n",
              reloads, all / 1e3, events.load(), std::max(slowest[0], slowest[1]));
  const Lines alerts = daemon.new_alerts();
  std::set<std::string> by_rule;
  std::set<std::string> hashes;
  for (const std::string& alert : alerts) {
    const auto json = nlohmann::json::parse(alert);
    by_rule.insert(json["rule"].get<std::string>() + " " + json["rules_hash"].get<std::string>());
    hashes.insert(json["rules_hash"].get<std::string>());
  }
  const auto ids = alerts_by_event(alerts);
  EXPECT_EQ(alerts.size(), static_cast<std::size_t>(events));
  EXPECT_EQ(ids.size(), static_cast<std::size_t>(events)) << "none twice, none left out";
  // Both were at work, and each alert says which.
  EXPECT_EQ(by_rule.size(), 2U);
  EXPECT_EQ(hashes.size(), 2U);
  const auto status = nlohmann::json::parse(daemon.get("/status"), nullptr, false);
  EXPECT_EQ(status["counters"]["rules_reloaded_total"], reloads);
  EXPECT_EQ(status["counters"]["events_total"], events.load());
}

}  // namespace
}  // namespace tiercel::tests
