// Recorded batches over the wire give the alerts that replaying their events gives.
#include <algorithm>
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "certificates.h"
#include "harness.h"

namespace tiercel::tests {
namespace {

using support::HttpClient;

constexpr std::size_t kBatchEvents = 400;
constexpr unsigned kConnections = 8;
constexpr unsigned kMostAttempts = 100;

// Posts the batches over several connections at once, as an apiserver does: what is refused
// comes again. How many were taken.
std::size_t post_all(std::uint16_t port, const std::vector<std::string>& batches,
                     const support::TlsClientOptions* tls = nullptr) {
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> taken{0};
  std::vector<std::thread> threads;
  for (unsigned at = 0; at < kConnections; ++at) {
    threads.emplace_back([&] {
      HttpClient client(port, tls);
      client.set_timeout(support::kDeadline);
      for (std::size_t number = next++; number < batches.size(); number = next++) {
        int status = 429;
        for (unsigned attempt = 0; status == 429 && attempt < kMostAttempts; ++attempt) {
          status = client.exchange(support::post("/k8s_audit", batches[number])).status;
        }
        taken += status == 200 ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  return taken;
}

std::vector<std::string> cut(std::span<const std::string> events) {
  std::vector<std::string> batches;
  while (!events.empty()) {
    const std::size_t size = std::min(kBatchEvents, events.size());
    batches.push_back(event_list(events.first(size)));
    events = events.subspan(size);
  }
  return batches;
}

void expect_replayed(AuditDaemon& daemon, std::span<const std::string> events,
                     const support::TlsClientOptions* tls = nullptr, const Lines& arguments = {}) {
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const auto batches = cut(events);
  EXPECT_EQ(post_all(daemon.port(), batches, tls), batches.size());
  const Lines expected = replayed({shipped_rules()}, events, arguments);
  EXPECT_GT(expected.size(), 100U);
  expect_same_lines(daemon.new_alerts(), expected);
  EXPECT_TRUE(daemon.own_alerts().empty());
}

TEST(Delivery, EightConnectionsLoseNothing) {
  AuditDaemon daemon;
  expect_replayed(daemon, bulk());
}

TEST(Delivery, SeveralIoThreadsLoseNothing) {
  AuditDaemon daemon({shipped_rules()}, {"-o", "io_threads=3"});
  expect_replayed(daemon, bulk());
}

TEST(Delivery, RuleMatchingAll) {
  AuditDaemon daemon({shipped_rules()}, {"-o", "rule_matching=all"});
  const auto events = std::span(bulk()).first(8000);
  expect_replayed(daemon, events, nullptr, {"-o", "rule_matching=all"});
  EXPECT_GT(replayed({shipped_rules()}, events, {"-o", "rule_matching=all"}).size(),
            replayed({shipped_rules()}, events).size());
}

TEST(Delivery, TlsWithOnePemFile) {
  const support::TempDir folder;
  const auto certificate = support::make_certificate();
  const std::string pem = folder.write("both.pem", certificate.certificate + certificate.key);
  AuditDaemon daemon({shipped_rules()}, {"-o", "webserver.ssl_enabled=true", "-o",
                                         "webserver.ssl_certificate=" + pem});
  support::TlsClientOptions tls;
  tls.ca_file = pem;
  expect_replayed(daemon, std::span(bulk()).first(8000), &tls);
}

TEST(Delivery, TlsWithTwoFiles) {
  const support::TempDir folder;
  const auto certificate = support::make_certificate();
  const std::string pem = folder.write("certificate.pem", certificate.certificate);
  const std::string key = folder.write("key.pem", certificate.key);
  AuditDaemon daemon({shipped_rules()},
                     {"-o", "webserver.ssl_enabled=true", "-o", "webserver.ssl_certificate=" + pem,
                      "-o", "webserver.ssl_key=" + key});
  support::TlsClientOptions tls;
  tls.ca_file = pem;
  expect_replayed(daemon, std::span(bulk()).first(8000), &tls);
}

TEST(Delivery, RecordedScenarioAsOneEventAndAsList) {
  AuditDaemon daemon;
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const Lines events = recorded("scenarios/l01_attack_chain.jsonl");
  const Lines expected = replayed({shipped_rules()}, events);
  EXPECT_FALSE(expected.empty());
  EXPECT_EQ(daemon.post(event_list(events)), 200);
  expect_same_lines(daemon.new_alerts(), expected);
  // The same again, one by one: answered as before, told of no second time.
  for (const std::string& event : events) {
    EXPECT_EQ(daemon.post(event), 200);
  }
  EXPECT_TRUE(daemon.new_alerts().empty());
  AuditDaemon other;
  ASSERT_NE(other.port(), 0) << other.process().log();
  for (const std::string& event : events) {
    EXPECT_EQ(other.post(event), 200);
  }
  expect_same_lines(other.new_alerts(), expected);
}

// What an apiserver really sent, header and all, with its path and its query.
TEST(Delivery, RecordedRequestsAreAnswered) {
  AuditDaemon daemon;
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  for (const char* const name : {"01-batch-default-0001-conn1-req1",
                                 "02-batch-small-0002-conn2-req1", "03-blocking-0001-conn1-req1",
                                 "28-token-0001-conn1-req1", "42-small-truncate-0001-conn1-req1"}) {
    const std::string request = joined(recorded("raw/webhook/" + std::string(name) + ".http.zst"));
    HttpClient client(daemon.port());
    EXPECT_TRUE(client.send(request)) << name;
    EXPECT_EQ(client.read_answer().status, 200) << name;
  }
  EXPECT_TRUE(daemon.quarantined().empty());
  // The last of them was cut by its apiserver.
  ASSERT_TRUE(support::wait_until([&] { return daemon.own_alerts().size() == 1; }));
  EXPECT_EQ(rule_of(daemon.own_alerts().front()), "tiercel: truncated_events");
}

}  // namespace
}  // namespace tiercel::tests
