// The output against librdkafka's mock cluster: brokers that answer, refuse, go and come back.
#include <algorithm>
#include <set>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "tiercel/base/metrics.h"

#include "daemon.h"
#include "descriptor.h"
#include "hand_clock.h"
#include "kafka_options.h"
#include "mock_kafka.h"
#include "output_table.h"
#include "sample_alerts.h"

namespace tiercel::output {
namespace {

using std::chrono::milliseconds;
using support::all_taken;
using support::MockKafka;
using support::SampleAlerts;
using Steady = std::chrono::steady_clock;

constexpr milliseconds kShort{600};

class KafkaOutputs : public testing::Test {
 protected:
  KafkaOutputs() { options_.message_timeout = support::kDeadline; }

  Output& output() {
    if (!output_) {
      if (options_.brokers == KafkaOptions().brokers) {
        options_.brokers = {kafka_.brokers()};
      }
      output_ = kKafkaOutput.make(options_, {"k", clock_, metrics_});
      const auto opened = output_->open();
      EXPECT_TRUE(opened) << (opened ? "" : opened.error().text());
    }
    return *output_;
  }
  Delivery deliver(const SampleAlerts& alerts) { return output().deliver(alerts.messages()); }
  // One partition, so that the messages of a batch travel in one request.
  void make_topic() const {
    ASSERT_EQ(::rd_kafka_mock_topic_create(kafka_.cluster(), "tiercel-alerts", 1, 3),
              RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  std::multiset<std::string> values(std::size_t count) const {
    std::multiset<std::string> values;
    for (const MockKafka::Message& message : kafka_.messages("tiercel-alerts", count)) {
      values.insert(message.value);
    }
    return values;
  }

  MockKafka kafka_{3};
  support::HandClock clock_;
  base::Metrics metrics_;
  KafkaOptions options_;
  std::unique_ptr<Output> output_;
};

TEST_F(KafkaOutputs, DeliverWithKeyAndHeaders) {
  options_.key = KafkaOptions::Key::kRule;
  options_.headers = {{"env", "prod"}};
  const SampleAlerts alerts = SampleAlerts::numbered(50);
  const Delivery delivery = deliver(alerts);
  ASSERT_TRUE(all_taken(delivery)) << delivery.error->text();
  EXPECT_EQ(delivery.said.rfind("tiercel-alerts, partition ", 0), 0U) << delivery.said;
  std::set<std::string> ids;
  for (const MockKafka::Message& message : kafka_.messages("tiercel-alerts", 50)) {
    EXPECT_EQ(message.key, "Attach to pod, or exec");
    EXPECT_EQ(message.value.rfind(R"({"number":)", 0), 0U) << message.value;
    EXPECT_TRUE(message.value.ends_with('}')) << "without its newline";
    EXPECT_EQ(message.headers.at("content-type"), "application/json");
    EXPECT_EQ(message.headers.at("env"), "prod");
    ids.insert(message.headers.at("alert-id"));
  }
  EXPECT_EQ(ids.size(), 50U);
  EXPECT_TRUE(ids.contains(alerts.id(49)));
}

TEST_F(KafkaOutputs, FillTopicAndKeyFromTheAlert) {
  options_.topic = "audit.%cluster.%priority";
  options_.key = KafkaOptions::Key::kAlertId;
  SampleAlerts alerts;
  alerts.add("a line of text");
  ASSERT_TRUE(all_taken(deliver(alerts)));
  const auto messages = kafka_.messages("audit.blue.Warning", 1);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].key, alerts.id(0));
  EXPECT_EQ(messages[0].headers.at("content-type"), "text/plain");
}

TEST_F(KafkaOutputs, GoWithoutAKeyWhereThereIsNone) {
  ASSERT_TRUE(all_taken(deliver(SampleAlerts::numbered(1))));
  const auto messages = kafka_.messages("tiercel-alerts", 1);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_FALSE(messages[0].has_key);
}

TEST_F(KafkaOutputs, SurviveBrokersThatAreDownForAWhile) {
  options_.message_timeout = kShort;
  for (int broker = 1; broker <= 3; ++broker) {
    ::rd_kafka_mock_broker_set_down(kafka_.cluster(), broker);
  }
  const auto before = Steady::now();
  const Delivery failed = deliver(SampleAlerts::numbered(3));
  EXPECT_LT(Steady::now() - before, kShort + std::chrono::seconds(2));
  EXPECT_EQ(failed.again, (std::vector<std::size_t>{0, 1, 2}));
  ASSERT_TRUE(failed.error);
  EXPECT_NE(failed.error->text().find("no acknowledgement in time: "), std::string::npos)
      << failed.error->text();
  for (int broker = 1; broker <= 3; ++broker) {
    ::rd_kafka_mock_broker_set_up(kafka_.cluster(), broker);
  }
  EXPECT_TRUE(
      support::wait_until([&] { return all_taken(deliver(SampleAlerts::numbered(1, 3))); }));
  // What was told as not delivered has been taken back: it does not go out behind our back.
  EXPECT_EQ(values(1), (std::multiset<std::string>{R"({"number":3})"}));
}

TEST_F(KafkaOutputs, FollowAPartitionToItsNewLeader) {
  make_topic();
  auto* const cluster = kafka_.cluster();
  ::rd_kafka_mock_partition_set_leader(cluster, "tiercel-alerts", 0, 2);
  ASSERT_TRUE(all_taken(deliver(SampleAlerts::numbered(10))));
  ::rd_kafka_mock_partition_set_leader(cluster, "tiercel-alerts", 0, 3);
  ::rd_kafka_mock_broker_set_down(cluster, 2);
  ASSERT_TRUE(all_taken(deliver(SampleAlerts::numbered(10, 10))));
  EXPECT_EQ(values(20).size(), 20U);
}

TEST_F(KafkaOutputs, WaitForAPartitionWithoutALeader) {
  make_topic();
  options_.message_timeout = kShort;
  ::rd_kafka_mock_partition_set_leader(kafka_.cluster(), "tiercel-alerts", 0, -1);
  const Delivery failed = deliver(SampleAlerts::numbered(2));
  EXPECT_EQ(failed.again.size(), 2U);
  EXPECT_TRUE(failed.rejected.empty());
  ::rd_kafka_mock_partition_set_leader(kafka_.cluster(), "tiercel-alerts", 0, 1);
  EXPECT_TRUE(support::wait_until([&] { return all_taken(deliver(SampleAlerts::numbered(2))); }));
}

TEST_F(KafkaOutputs, OutlastErrorsThatPass) {
  kafka_.push_produce_errors({RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                              RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                              RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT});
  ASSERT_TRUE(all_taken(deliver(SampleAlerts::numbered(20))));
  EXPECT_EQ(values(20).size(), 20U);
}

TEST_F(KafkaOutputs, TellWhatAnOperatorMustMend) {
  make_topic();
  kafka_.push_produce_errors({RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
  const Delivery failed = deliver(SampleAlerts::numbered(2));
  EXPECT_EQ(failed.again.size(), 2U);
  EXPECT_TRUE(failed.rejected.empty());
  ASSERT_TRUE(failed.error);
  EXPECT_NE(failed.error->text().find("authorization failed"), std::string::npos)
      << failed.error->text();
  EXPECT_TRUE(support::wait_until([&] { return all_taken(deliver(SampleAlerts::numbered(2))); }));
}

TEST_F(KafkaOutputs, RejectWhatIsTooLargeAndNothingElse) {
  SampleAlerts alerts = SampleAlerts::numbered(1);
  alerts.add(std::string(std::size_t{2} << 20U, 'x'));
  alerts.add("{}");
  const Delivery delivery = deliver(alerts);
  EXPECT_TRUE(delivery.again.empty());
  ASSERT_EQ(delivery.rejected.size(), 1U);
  EXPECT_EQ(delivery.rejected[0].message, 1U);
  EXPECT_NE(delivery.rejected[0].why.find("message.max.bytes"), std::string::npos);
  EXPECT_EQ(values(2).size(), 2U);
}

// Brokers refuse a request as a whole, be one message of it at fault or their sum too long.
TEST_F(KafkaOutputs, FindTheMessageThatABrokerRefuses) {
  make_topic();
  kafka_.push_produce_errors({RD_KAFKA_RESP_ERR_INVALID_RECORD, RD_KAFKA_RESP_ERR_NO_ERROR,
                              RD_KAFKA_RESP_ERR_INVALID_RECORD, RD_KAFKA_RESP_ERR_NO_ERROR});
  const Delivery delivery = deliver(SampleAlerts::numbered(3));
  EXPECT_TRUE(delivery.again.empty());
  ASSERT_EQ(delivery.rejected.size(), 1U);
  EXPECT_EQ(delivery.rejected[0].message, 1U);
  EXPECT_EQ(values(2), (std::multiset<std::string>{R"({"number":0})", R"({"number":2})"}));
}

TEST_F(KafkaOutputs, SendABatchThatIsTooLongOneByOne) {
  make_topic();
  kafka_.push_produce_errors({RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
  ASSERT_TRUE(all_taken(deliver(SampleAlerts::numbered(5))));
  EXPECT_EQ(values(5).size(), 5U);
}

// An error that ends an idempotent producer ends no output.
TEST_F(KafkaOutputs, BeginAnewAfterAFatalError) {
  make_topic();
  options_.properties = {{"enable.gapless.guarantee", "true"}};
  kafka_.push_produce_errors({RD_KAFKA_RESP_ERR_INVALID_RECORD, RD_KAFKA_RESP_ERR_INVALID_RECORD});
  const Delivery failed = deliver(SampleAlerts::numbered(1));
  EXPECT_FALSE(all_taken(failed));
  EXPECT_TRUE(support::wait_until([&] { return all_taken(deliver(SampleAlerts::numbered(1))); }));
}

// A peer that accepts connections and says nothing, ever.
class SilentKafka : public KafkaOutputs {
 protected:
  SilentKafka() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(socket_.number(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(socket_.number(), 64), 0);
    socklen_t size = sizeof address;
    ::getsockname(socket_.number(), reinterpret_cast<sockaddr*>(&address), &size);
    options_.brokers = {"127.0.0.1:" + std::to_string(ntohs(address.sin_port))};
  }
  Descriptor socket_;
};

TEST_F(SilentKafka, CostsTheTimeoutAndNothingMore) {
  options_.message_timeout = kShort;
  const auto before = Steady::now();
  const Delivery failed = deliver(SampleAlerts::numbered(2));
  EXPECT_LT(Steady::now() - before, kShort + std::chrono::seconds(2));
  EXPECT_EQ(failed.again.size(), 2U);
}

TEST_F(SilentKafka, IsLeftSoonAfterAnInterrupt) {
  (void)output();
  Steady::time_point interrupted;
  std::thread other([&] {
    std::this_thread::sleep_for(milliseconds(200));
    interrupted = Steady::now();
    output_->interrupt();
  });
  const Delivery failed = deliver(SampleAlerts::numbered(2));
  const auto returned = Steady::now();
  other.join();
  EXPECT_LT(returned - interrupted, milliseconds(900));
  EXPECT_EQ(failed.again.size(), 2U);
  EXPECT_EQ(deliver(SampleAlerts::numbered(1)).again.size(), 1U);
  const auto before = Steady::now();
  output_.reset();
  EXPECT_LT(Steady::now() - before, std::chrono::seconds(5));
}

TEST_F(KafkaOutputs, LeaveABrokerThatStopsAnswering) {
  make_topic();
  options_.message_timeout = kShort;
  ASSERT_TRUE(support::wait_until([&] { return all_taken(deliver(SampleAlerts::numbered(1))); }));
  for (int broker = 1; broker <= 3; ++broker) {
    ::rd_kafka_mock_broker_set_rtt(kafka_.cluster(), broker, 60'000);
  }
  const Delivery failed = deliver(SampleAlerts::numbered(3));
  EXPECT_EQ(failed.again.size(), 3U);
  for (int broker = 1; broker <= 3; ++broker) {
    ::rd_kafka_mock_broker_set_rtt(kafka_.cluster(), broker, 0);
  }
  EXPECT_TRUE(support::wait_until([&] { return all_taken(deliver(SampleAlerts::numbered(3))); }));
}

}  // namespace
}  // namespace tiercel::output
