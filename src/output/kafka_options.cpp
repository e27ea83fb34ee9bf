#include "kafka_options.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "queue_name.h"
#include "secret_file.h"

namespace tiercel::output {

namespace {

using Acks = KafkaOptions::Acks;
using Key = KafkaOptions::Key;
using Security = KafkaOptions::Security;

// A batch is far smaller; the bound holds whatever becomes of the brokers.
constexpr const char* kMostQueuedKilobytes = "16384";

void describe_security(config::Section<KafkaOptions>& s) {
  s.choice<Security>("security", &KafkaOptions::security,
                     {{"plaintext", Security::kPlaintext},
                      {"ssl", Security::kSsl},
                      {"sasl_plaintext", Security::kSaslPlaintext},
                      {"sasl_ssl", Security::kSaslSsl}},
                     "How the brokers are spoken to, as their listener has it. Without ssl alerts, "
                     "and PLAIN's password, cross the network readable.");
  s.option("sasl_mechanism", &KafkaOptions::sasl_mechanism,
           "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, GSSAPI or OAUTHBEARER; what the last two need "
           "goes into `properties`.")
      .check([](std::string_view name) {
        static constexpr std::array<std::string_view, 5> kKnown{
            "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "GSSAPI", "OAUTHBEARER"};
        return std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end()
                   ? "is none of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, GSSAPI, OAUTHBEARER"
                   : "";
      });
  s.option("username", &KafkaOptions::username, "For PLAIN and SCRAM.");
  s.option("password", &KafkaOptions::password, "Its password.").secret();
  s.option("password_file", &KafkaOptions::password_file,
           "A file with the password; read at start, and again when a broker refuses it.")
      .file();
  s.option("insecure", &KafkaOptions::insecure, "Do not check the brokers' certificates.");
  s.option("ca_file", &KafkaOptions::ca_file,
           "Certificates that the brokers' must be signed by, PEM; empty: the system's.")
      .file();
  s.option("client_cert", &KafkaOptions::client_cert,
           "Our certificate, PEM, where the brokers ask for one.")
      .file();
  s.option("client_key", &KafkaOptions::client_key, "Its key, PEM.").file();
}

const char* security_text(Security security) {
  switch (security) {
    case Security::kPlaintext:
      return "plaintext";
    case Security::kSsl:
      return "ssl";
    case Security::kSaslPlaintext:
      return "sasl_plaintext";
    case Security::kSaslSsl:
      break;
  }
  return "sasl_ssl";
}

base::Error contradiction(std::string message, std::string context) {
  return {"bad_options", std::move(message), std::move(context)};
}

// What would be taken, and then be without the effect that its writer expects.
base::Result<void> check_sense(const KafkaOptions& options) {
  const bool has_sasl =
      options.security == Security::kSaslPlaintext || options.security == Security::kSaslSsl;
  const bool has_tls = options.security == Security::kSsl || options.security == Security::kSaslSsl;
  const bool names_credentials =
      !options.username.empty() || !options.password.empty() || !options.password_file.empty();
  const bool names_certificates = options.insecure || !options.ca_file.empty() ||
                                  !options.client_cert.empty() || !options.client_key.empty();
  if (options.brokers.empty()) {
    return contradiction("`brokers` names none", "");
  }
  if (!has_sasl && names_credentials) {
    return contradiction("a user name or password needs `security` sasl_ssl or sasl_plaintext",
                         security_text(options.security));
  }
  const bool is_named = options.sasl_mechanism == "PLAIN" || options.sasl_mechanism[0] == 'S';
  if (has_sasl && is_named &&
      (options.username.empty() || (options.password.empty() && options.password_file.empty()))) {
    return contradiction("`username` and `password` or `password_file` are missing",
                         options.sasl_mechanism);
  }
  if (!has_tls && names_certificates) {
    return contradiction("certificates need `security` ssl or sasl_ssl",
                         security_text(options.security));
  }
  if (options.client_cert.empty() != options.client_key.empty()) {
    return contradiction("`client_cert` and `client_key` belong together", "");
  }
  for (const auto& [name, value] : options.properties) {
    // Transactions would hold alerts back; a report that does not come is an alert in doubt.
    if (name == "transactional.id" || name == "delivery.report.only.error" || name == "dr_msg_cb" ||
        name == "log.queue") {
      return contradiction("this property of librdkafka cannot be set here", name);
    }
  }
  return check_files({{"ca_file", options.ca_file},
                      {"client_cert", options.client_cert},
                      {"client_key", options.client_key}});
}

base::Result<void> add_security(const KafkaOptions& options, config::TextPairs& out) {
  const auto add = [&out](const char* name, const std::string& value) {
    if (!value.empty()) {
      out.emplace_back(name, value);
    }
  };
  out.emplace_back("security.protocol", security_text(options.security));
  add("ssl.ca.location", options.ca_file);
  add("ssl.certificate.location", options.client_cert);
  add("ssl.key.location", options.client_key);
  if (options.insecure) {
    out.emplace_back("enable.ssl.certificate.verification", "false");
    out.emplace_back("ssl.endpoint.identification.algorithm", "none");
  } else {
    // librdkafka 2.0 changed its default to this; older ones do not look at the name.
    out.emplace_back("ssl.endpoint.identification.algorithm", "https");
  }
  if (options.security != Security::kSaslPlaintext && options.security != Security::kSaslSsl) {
    return {};
  }
  auto password = secret_of(options.password, options.password_file, "password_file");
  if (!password) {
    return password.error();
  }
  add("sasl.mechanism", options.sasl_mechanism);
  add("sasl.username", options.username);
  add("sasl.password", *password);
  return {};
}

}  // namespace

void describe_kafka(config::Section<KafkaOptions>& s) {
  s.option("brokers", &KafkaOptions::brokers, "HOST:PORT of some brokers; they name the others.")
      .example("[kafka-1.example.com:9092, kafka-2.example.com:9092]");
  s.option("topic", &KafkaOptions::topic,
           "The topic; " + std::string(QueueName::kNames) + " in it are filled by the alert.")
      .example("audit-%cluster");
  s.choice<Key>("key", &KafkaOptions::key,
                {{"none", Key::kNone},
                 {"rule", Key::kRule},
                 {"alert_id", Key::kAlertId},
                 {"namespace", Key::kNamespace},
                 {"user", Key::kUser},
                 {"cluster", Key::kCluster}},
                "The messages' key: alerts of one key stay in order in one partition. One that "
                "has no such value goes without.");
  s.option("headers", &KafkaOptions::headers,
           "Further headers of each message, beside content-type and alert-id.")
      .example("{env: prod}");
  s.choice<Acks>("acks", &KafkaOptions::acks,
                 {{"all", Acks::kAll}, {"leader", Acks::kLeader}, {"none", Acks::kNone}},
                 "Who must have an alert before it counts as delivered: all replicas in sync, the "
                 "partition's leader, or nobody: with none a lost connection loses alerts.");
  s.option("idempotence", &KafkaOptions::idempotence,
           "What librdkafka sends again by itself makes no duplicate. Only with acks all; brokers "
           "before 2.8 need the right IdempotentWrite for it.");
  s.option("compression", &KafkaOptions::compression, "none, gzip, snappy, lz4 or zstd.")
      .check([](std::string_view name) {
        static constexpr std::array<std::string_view, 5> kKnown{"none", "gzip", "snappy", "lz4",
                                                                "zstd"};
        return std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end()
                   ? "is none of none, gzip, snappy, lz4, zstd"
                   : "";
      });
  s.option("client_id", &KafkaOptions::client_id, "What the brokers' logs and quotas call us.");
  describe_security(s);
  s.option("message_timeout", &KafkaOptions::message_timeout,
           "For a batch with all its acknowledgements; what has none by then is sent again.")
      .between(std::chrono::milliseconds(100), std::chrono::minutes(10));
  s.option("properties", &KafkaOptions::properties,
           "Further properties of librdkafka, by its own names; they win.")
      .example("{linger.ms: 50, message.max.bytes: 2000000}")
      .secret();
}

base::Result<config::TextPairs> kafka_properties(const KafkaOptions& options) {
  if (auto sense = check_sense(options); !sense) {
    return sense.error();
  }
  std::string brokers;
  for (const std::string& broker : options.brokers) {
    brokers += (brokers.empty() ? "" : ",") + broker;
  }
  const long long timeout = options.message_timeout.count();
  const bool acks_all = options.acks == Acks::kAll;
  config::TextPairs out{
      {"bootstrap.servers", brokers},
      {"client.id", options.client_id},
      {"acks", acks_all                        ? "all"
               : options.acks == Acks::kLeader ? "1"
                                               : "0"},
      {"enable.idempotence", options.idempotence && acks_all ? "true" : "false"},
      {"compression.codec", options.compression},
      {"message.timeout.ms", std::to_string(timeout)},
      {"queue.buffering.max.kbytes", kMostQueuedKilobytes},
      // A broker that accepts and never answers is left in time.
      {"socket.timeout.ms", std::to_string(std::min(timeout, 60'000LL))},
      // A topic that is not there is told as such, before the messages' time is over.
      {"topic.metadata.propagation.max.ms", std::to_string(std::min(timeout / 2, 30'000LL))},
      // A broker that is back is found soon.
      {"reconnect.backoff.max.ms", "2000"},
      // Brokers close what is idle; that is no news.
      {"log.connection.close", "false"},
      {"log.queue", "true"}};
  if (auto added = add_security(options, out); !added) {
    return added.error();
  }
  out.insert(out.end(), options.properties.begin(), options.properties.end());
  return out;
}

}  // namespace tiercel::output
