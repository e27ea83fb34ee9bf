#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "tiercel/output/output.h"

namespace tiercel::output {

struct KafkaOptions final : OutputOptions {
  enum class Key : std::uint8_t { kNone, kRule, kAlertId, kNamespace, kUser, kCluster };
  enum class Acks : std::uint8_t { kAll, kLeader, kNone };
  enum class Security : std::uint8_t { kPlaintext, kSsl, kSaslPlaintext, kSaslSsl };
  std::vector<std::string> brokers{"127.0.0.1:9092"};
  std::string topic = "tiercel-alerts";
  Key key = Key::kNone;
  config::TextPairs headers{};
  Acks acks = Acks::kAll;
  bool idempotence = true;
  std::string compression = "none";
  std::string client_id = "tiercel";
  Security security = Security::kPlaintext;
  std::string sasl_mechanism = "PLAIN";
  std::string username{};
  std::string password{};
  std::string password_file{};
  bool insecure = false;
  std::string ca_file{};
  std::string client_cert{};
  std::string client_key{};
  std::chrono::milliseconds message_timeout{30'000};
  config::TextPairs properties{};
};

void describe_kafka(config::Section<KafkaOptions>& section);

/// The options as librdkafka's properties, in the order they are to be set; those of
/// `properties` last, so that they win. Reads `password_file`. An error where options
/// contradict each other or a file is missing; what librdkafka itself refuses it says later.
[[nodiscard]] base::Result<config::TextPairs> kafka_properties(const KafkaOptions& options);

}  // namespace tiercel::output
