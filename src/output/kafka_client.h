#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tiercel/base/clock.h"
#include "tiercel/base/error.h"
#include "tiercel/base/log.h"
#include "tiercel/base/log_limit.h"
#include "tiercel/config/schema.h"

namespace tiercel::output {

/// librdkafka's log lines as ours: the first and then one a minute, warnings and news apart.
/// Outlives the clients that write to it, so that a new one begins no new minute.
///
/// Runs on: one thread.
class KafkaLog {
 public:
  KafkaLog(std::string name, const base::Clock& clock) : name_(std::move(name)), clock_(clock) {}
  void write(base::LogLevel level, std::string_view text);

 private:
  const std::string name_;
  const base::Clock& clock_;
  std::array<base::LogLimit, 2> limits_;
};

/// A producer: librdkafka with its threads. What it is given and cannot deliver in time is
/// taken out of its queues again, so that nothing goes out behind the caller's back.
///
/// Runs on: one thread; librdkafka's reports, errors and log lines are served on it as well.
class KafkaClient {
 public:
  struct Item {
    std::string topic;
    std::string_view key{};  ///< none where empty
    std::string_view value;
    std::vector<std::pair<std::string, std::string>> headers{};
  };
  /// What became of one item.
  struct Report {
    enum class Kind : std::uint8_t {
      kOpen,      ///< nothing yet; never returned
      kTaken,     ///< the broker has it
      kAgain,     ///< time or an operator can mend it
      kTooLarge,  ///< our own limit
      kUnfit      ///< the broker refused the whole request that it came in
    };
    Kind kind = Kind::kOpen;
    std::string text{};  ///< why not, or where it is
  };

  /// An error where librdkafka does not know a property or its value, or where some do not go
  /// together. Asks no broker and leaves nothing behind.
  [[nodiscard]] static base::Result<void> check(const config::TextPairs& properties);
  /// Makes the producer; the brokers need not be there. An error says which property
  /// librdkafka does not accept.
  [[nodiscard]] static base::Result<std::unique_ptr<KafkaClient>> make(
      const config::TextPairs& properties, KafkaLog& log);
  ~KafkaClient();
  KafkaClient(const KafkaClient&) = delete;
  KafkaClient& operator=(const KafkaClient&) = delete;

  /// Returns with a report for each item, at the deadline or soon after `interrupted`.
  [[nodiscard]] std::vector<Report> send(std::span<const Item> items,
                                         std::chrono::steady_clock::time_point deadline,
                                         const std::atomic<bool>& interrupted);
  /// Serves log lines and errors between deliveries.
  void tick();
  /// A new one is needed: a fatal error, or credentials that a broker refused.
  [[nodiscard]] bool is_spent() const;

 private:
  class Impl;
  explicit KafkaClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tiercel::output
