#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/base/error.h"
#include "tiercel/store/feed.h"

namespace tiercel::output {

/// The name of a Kafka topic or a NATS subject, with parts that the alert fills:
/// `alerts.%priority.%rule`. A filled part holds letters, digits, `_` and `-` only, so that
/// nothing in an alert can reach another topic, add a level or a wildcard. The user and
/// the namespace are none of them: who sends requests, refused ones too, must not be able to
/// make topics without end, or to name one that is not there.
///
/// Immutable; any thread.
class QueueName {
 public:
  enum class Kind : std::uint8_t { kTopic, kSubject };

  [[nodiscard]] static base::Result<QueueName> parse(std::string_view text, Kind kind);
  [[nodiscard]] std::string of(const store::StoredAlert& alert) const;
  /// The names that may stand behind a `%`, for the options' sentences.
  static constexpr std::string_view kNames = "%rule, %priority and %cluster";

 private:
  enum class Part : std::uint8_t { kLiteral, kRule, kPriority, kCluster };
  struct Piece {
    Part part = Part::kLiteral;
    std::string literal{};
  };
  [[nodiscard]] base::Result<void> add_part(std::string_view name);
  std::vector<Piece> pieces_;
};

}  // namespace tiercel::output
