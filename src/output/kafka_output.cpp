#include <algorithm>
#include <string>

#include "tiercel/alert/alert_id.h"

#include "kafka_client.h"
#include "kafka_options.h"
#include "output_table.h"
#include "queue_name.h"

namespace tiercel::output {

namespace {

using Key = KafkaOptions::Key;
using Kind = KafkaClient::Report::Kind;
using Steady = std::chrono::steady_clock;

std::string_view key_of(Key key, const store::StoredAlert& alert, std::string_view id) {
  switch (key) {
    case Key::kRule:
      return alert.rule;
    case Key::kAlertId:
      return id;
    case Key::kNamespace:
      return alert.name_space;
    case Key::kUser:
      return alert.user;
    case Key::kCluster:
      return alert.cluster;
    case Key::kNone:
      break;
  }
  return {};
}

// Produces each alert as a message of a Kafka topic, and waits for the brokers' word for each.
class KafkaOutput final : public Output {
 public:
  KafkaOutput(const KafkaOptions& options, const OutputContext& context)
      : options_(options), log_(context.name, context.clock) {}

  base::Result<void> open() override {
    auto topic = QueueName::parse(options_.topic, QueueName::Kind::kTopic);
    if (!topic) {
      return topic.error();
    }
    topic_ = std::move(*topic);
    return connect();
  }

  // Without the producer that asks the brokers from threads of its own.
  base::Result<void> check() override {
    if (const auto topic = QueueName::parse(options_.topic, QueueName::Kind::kTopic); !topic) {
      return topic.error();
    }
    const auto properties = kafka_properties(options_);
    return properties ? KafkaClient::check(*properties) : properties.error();
  }

  Delivery deliver(std::span<const Message> messages) override {
    const auto deadline = Steady::now() + options_.message_timeout;
    if (!client_ || client_->is_spent()) {
      if (auto connected = connect(); !connected) {
        return Delivery::again_from(0, messages.size(), connected.error());
      }
    }
    const std::vector<KafkaClient::Item> items = items_of(messages);
    auto reports = client_->send(items, deadline, interrupted_);
    // A broker refuses a request as a whole: one by one it is seen which message is at fault.
    for (std::size_t at = 0; messages.size() > 1 && at < items.size(); ++at) {
      if (reports[at].kind == Kind::kUnfit) {
        reports[at] = client_->send({&items[at], 1}, deadline, interrupted_).front();
      }
    }
    return delivery_of(reports);
  }

  void tick() override {
    if (client_) {
      client_->tick();
    }
  }
  void interrupt() override { interrupted_.store(true); }

 private:
  base::Result<void> connect() {
    const auto properties = kafka_properties(options_);
    if (!properties) {
      return properties.error();
    }
    client_.reset();
    auto made = KafkaClient::make(*properties, log_);
    if (!made) {
      return made.error();
    }
    client_ = std::move(*made);
    return {};
  }

  // Their keys and values look into the messages, and the keys that are ids into `ids_`.
  std::vector<KafkaClient::Item> items_of(std::span<const Message> messages) {
    ids_.clear();
    for (const Message& message : messages) {
      ids_.push_back(alert::to_text(alert::AlertId{message.alert->id}));
    }
    std::vector<KafkaClient::Item> items;
    for (std::size_t at = 0; at < messages.size(); ++at) {
      const store::StoredAlert& alert = *messages[at].alert;
      KafkaClient::Item item{topic_.of(alert), key_of(options_.key, alert, ids_[at]),
                             messages[at].line};
      item.value.remove_suffix(item.value.ends_with('\n') ? 1 : 0);
      item.headers.emplace_back("content-type",
                                item.value.starts_with('{') ? "application/json" : "text/plain");
      item.headers.emplace_back("alert-id", ids_[at]);
      item.headers.insert(item.headers.end(), options_.headers.begin(), options_.headers.end());
      items.push_back(std::move(item));
    }
    return items;
  }

  static Delivery delivery_of(const std::vector<KafkaClient::Report>& reports) {
    Delivery delivery;
    for (std::size_t at = 0; at < reports.size(); ++at) {
      const KafkaClient::Report& report = reports[at];
      if (report.kind == Kind::kTaken) {
        delivery.said = report.text;
      } else if (report.kind == Kind::kAgain) {
        delivery.again.push_back(at);
        delivery.error = base::Error{"not_taken", report.text, ""};
      } else {
        delivery.rejected.push_back({at, report.text});
      }
    }
    return delivery;
  }

  const KafkaOptions options_;
  KafkaLog log_;
  QueueName topic_;
  std::unique_ptr<KafkaClient> client_;
  std::vector<std::string> ids_;
  std::atomic<bool> interrupted_{false};
};

std::unique_ptr<Output> make_kafka(const KafkaOptions& options, const OutputContext& context) {
  return std::make_unique<KafkaOutput>(options, context);
}

}  // namespace

const OutputType kKafkaOutput = output_type<KafkaOptions, &describe_kafka, &make_kafka>(
    {.name = "kafka",
     .doc = "Produces alerts to a Kafka topic, keyed and with headers.",
     .most_messages = 500});

}  // namespace tiercel::output
