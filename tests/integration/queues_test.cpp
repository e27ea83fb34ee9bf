// The daemon with message queues behind it: every alert of recorded batches arrives, with its id.
#include <span>

#include <gtest/gtest.h>

#include "harness.h"
#include "mock_kafka.h"
#include "nats_server.h"
#include "sanitizers.h"

namespace tiercel::tests {
namespace {

using support::MockKafka;
using support::NatsServer;

constexpr std::size_t kEvents = 2000;
constexpr std::size_t kBatchEvents = 400;

void post_recorded(AuditDaemon& daemon) {
  for (std::size_t at = 0; at < kEvents; at += kBatchEvents) {
    EXPECT_EQ(daemon.post(event_list(std::span(bulk()).subspan(at, kBatchEvents))), 200);
  }
}

std::string id_of(const std::string& alert) {
  const std::string name = R"("alert_id":")";
  const std::size_t at = alert.find(name);
  return at == std::string::npos ? "" : alert.substr(at + name.size(), 32);
}

// Alerts of the daemon's own, about its outputs, are no alerts of the batches.
void take(Lines& arrived, const std::string& alert) {
  if (!rule_of(alert).starts_with("tiercel: ")) {
    arrived.push_back(alert);
  }
}

TEST(Queues, KafkaGetsEveryAlert) {
  if (support::kIsThreadSanitized) {
    GTEST_SKIP() << "librdkafka's threads are those of C11, with which ThreadSanitizer ends";
  }
  const MockKafka kafka(3);
  AuditDaemon daemon({shipped_rules()},
                     {"-o", "outputs.k.type=kafka", "-o", "outputs.k.brokers=" + kafka.brokers(),
                      "-o", "outputs.k.key=alert_id"});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  post_recorded(daemon);
  const Lines alerts = daemon.new_alerts();  // of its file: what every output must have
  ASSERT_GT(alerts.size(), 100U);
  Lines arrived;
  for (const MockKafka::Message& message : kafka.messages("tiercel-alerts", alerts.size())) {
    EXPECT_EQ(message.headers.at("alert-id"), id_of(message.value));
    EXPECT_EQ(message.key, id_of(message.value));
    take(arrived, message.value);
  }
  expect_same_lines(arrived, alerts);
}

TEST(Queues, NatsGetsEveryAlertThroughARestartOfTheServer) {
  if (!NatsServer::is_installed()) {
    GTEST_SKIP() << "nats-server is not installed";
  }
  NatsServer server;
  ASSERT_TRUE(server.start()) << server.log();
  server.make_stream("ALERTS", "tiercel.>");
  AuditDaemon daemon({shipped_rules()},
                     {"-o", "outputs.n.type=nats", "-o", "outputs.n.servers=" + server.url(), "-o",
                      "outputs.n.stream=ALERTS", "-o", "outputs.n.retry_max=1s"});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  EXPECT_EQ(daemon.post(event_list(std::span(bulk()).subspan(kEvents, kBatchEvents))), 200);
  server.kill();
  post_recorded(daemon);
  EXPECT_TRUE(daemon.process().wait_for_log("output 'n' (nats) does not take alerts"))
      << daemon.process().log();
  ASSERT_TRUE(server.start()) << server.log();
  const Lines alerts = daemon.new_alerts();
  ASSERT_GT(alerts.size(), 100U);
  Lines arrived;
  for (const NatsServer::Message& message : server.messages("ALERTS")) {
    EXPECT_EQ(message.id, id_of(message.data));
    take(arrived, message.data);
  }
  expect_same_lines(arrived, alerts);
}

}  // namespace
}  // namespace tiercel::tests
