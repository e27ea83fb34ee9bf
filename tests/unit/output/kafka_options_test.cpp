// SASL and TLS are proven by the properties that librdkafka is handed: its mock cluster speaks
// neither.
#include "kafka_options.h"

#include <filesystem>
#include <map>

#include <gtest/gtest.h>

#include "tiercel/base/metrics.h"

#include "certificates.h"
#include "hand_clock.h"
#include "output_table.h"
#include "temp_dir.h"

namespace tiercel::output {
namespace {

using Security = KafkaOptions::Security;

std::map<std::string, std::string> properties_of(const KafkaOptions& options) {
  std::map<std::string, std::string> properties;
  const auto made = kafka_properties(options);
  EXPECT_TRUE(made) << (made ? "" : made.error().text());
  if (made) {
    for (const auto& [name, value] : *made) {
      properties[name] = value;
    }
  }
  return properties;
}

base::Result<void> opened(const KafkaOptions& options) {
  const support::HandClock clock;
  base::Metrics metrics;
  return kKafkaOutput.make(options, {"k", clock, metrics})->open();
}

std::string complaint(const KafkaOptions& options) {
  const auto result = opened(options);
  return result ? "" : result.error().text();
}

TEST(KafkaOptions, DefaultsAreSafe) {
  auto properties = properties_of({});
  EXPECT_EQ(properties["acks"], "all");
  EXPECT_EQ(properties["enable.idempotence"], "true");
  EXPECT_EQ(properties["security.protocol"], "plaintext");
  EXPECT_EQ(properties["message.timeout.ms"], "30000");
  EXPECT_EQ(properties["queue.buffering.max.kbytes"], "16384");
  EXPECT_EQ(properties["ssl.endpoint.identification.algorithm"], "https");
  EXPECT_FALSE(properties.contains("sasl.mechanism"));
  EXPECT_EQ(complaint({}), "");
}

TEST(KafkaOptions, MapTheRest) {
  KafkaOptions options;
  options.brokers = {"a:1", "b:2"};
  options.acks = KafkaOptions::Acks::kLeader;
  options.compression = "zstd";
  options.client_id = "watch";
  options.message_timeout = std::chrono::milliseconds(400);
  options.properties = {{"linger.ms", "50"}, {"client.id", "wins"}};
  auto properties = properties_of(options);
  EXPECT_EQ(properties["bootstrap.servers"], "a:1,b:2");
  EXPECT_EQ(properties["acks"], "1");
  EXPECT_EQ(properties["enable.idempotence"], "false") << "needs acks all";
  EXPECT_EQ(properties["compression.codec"], "zstd");
  EXPECT_EQ(properties["message.timeout.ms"], "400");
  EXPECT_EQ(properties["socket.timeout.ms"], "400");
  EXPECT_EQ(properties["linger.ms"], "50");
  EXPECT_EQ(properties["client.id"], "wins");
  EXPECT_EQ(complaint(options), "");
  options.acks = KafkaOptions::Acks::kNone;
  EXPECT_EQ(properties_of(options)["acks"], "0");
}

TEST(KafkaOptions, MapSaslAndTls) {
  const support::TempDir dir;
  const support::Certificate made = support::make_certificate();
  KafkaOptions options;
  options.security = Security::kSaslSsl;
  options.sasl_mechanism = "SCRAM-SHA-512";
  options.username = "alerts";
  options.password_file = dir.write("password", "s3cret\n");
  options.ca_file = dir.write("ca.pem", made.certificate);
  options.client_cert = options.ca_file;
  options.client_key = dir.write("key.pem", made.key);
  auto properties = properties_of(options);
  EXPECT_EQ(properties["security.protocol"], "sasl_ssl");
  EXPECT_EQ(properties["sasl.mechanism"], "SCRAM-SHA-512");
  EXPECT_EQ(properties["sasl.username"], "alerts");
  EXPECT_EQ(properties["sasl.password"], "s3cret");
  EXPECT_EQ(properties["ssl.ca.location"], options.ca_file);
  EXPECT_EQ(properties["ssl.certificate.location"], options.client_cert);
  EXPECT_EQ(properties["ssl.key.location"], options.client_key);
  EXPECT_FALSE(properties.contains("enable.ssl.certificate.verification"));
  EXPECT_EQ(complaint(options), "") << "librdkafka takes them, key and certificate included";

  options.insecure = true;
  properties = properties_of(options);
  EXPECT_EQ(properties["enable.ssl.certificate.verification"], "false");
  EXPECT_EQ(properties["ssl.endpoint.identification.algorithm"], "none");
  options.password_file.clear();
  options.password = "plain";
  options.security = Security::kSaslPlaintext;
  options.insecure = false;
  options.ca_file = options.client_cert = options.client_key = "";
  properties = properties_of(options);
  EXPECT_EQ(properties["security.protocol"], "sasl_plaintext");
  EXPECT_EQ(properties["sasl.password"], "plain");
}

// `tiercel check` says the same of options, and asks no broker.
TEST(KafkaOptions, AreCheckedWithoutAProducer) {
  const support::HandClock clock;
  base::Metrics metrics;
  const auto checked = [&](const KafkaOptions& options) {
    const auto result = kKafkaOutput.make(options, {"k", clock, metrics})->check();
    return result ? std::string("good") : result.error().text();
  };
  const auto threads = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
  };
  const auto before = threads();
  KafkaOptions options;
  EXPECT_EQ(checked(options), "good");
  options.properties = {{"no.such.property", "1"}};
  EXPECT_NE(checked(options).find("No such configuration property"), std::string::npos);
  // Each is right by itself.
  options.properties = {{"linger.ms", "90000"}};
  options.message_timeout = std::chrono::seconds(30);
  EXPECT_NE(checked(options).find("message.timeout.ms"), std::string::npos) << checked(options);
  options.properties = {{"metadata.broker.list", "no.such.host:1"}};
  EXPECT_EQ(checked(options), "good");
  options.topic = "no topic";
  EXPECT_NE(checked(options).find("a topic is made of"), std::string::npos);
  EXPECT_EQ(threads(), before);
}

TEST(KafkaOptions, ComplainAtStart) {
  const support::TempDir dir;
  const auto expect = [](const KafkaOptions& options, const char* text) {
    EXPECT_NE(complaint(options).find(text), std::string::npos) << complaint(options);
  };
  KafkaOptions options;
  options.brokers.clear();
  expect(options, "`brokers` names none");
  options = {};
  options.topic = "no topic";
  expect(options, "a topic is made of");
  options = {};
  options.properties = {{"no.such.property", "1"}};
  expect(options, "No such configuration property");
  options.properties = {{"linger.ms", "often"}};
  expect(options, "linger.ms");
  options.properties = {{"transactional.id", "x"}};
  expect(options, "cannot be set here");
  options = {};
  options.password = "x";
  expect(options, "needs `security`");
  options.security = Security::kSaslSsl;
  expect(options, "`username` and `password`");
  options.username = "u";
  options.password.clear();
  options.password_file = dir.path("none");
  expect(options, "password_file");
  options = {};
  options.ca_file = dir.write("ca.pem", "no certificate");
  expect(options, "certificates need");
  options.security = Security::kSsl;
  expect(options, "ssl.ca.location");
  options.ca_file = dir.path("missing.pem");
  expect(options, "`ca_file`");
  options.ca_file.clear();
  options.client_cert = dir.path("ca.pem");
  expect(options, "belong together");
}

}  // namespace
}  // namespace tiercel::output
