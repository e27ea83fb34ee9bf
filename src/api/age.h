#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include <nlohmann/json.hpp>

namespace tiercel::api {

inline constexpr double kSecond = 1e9;  ///< in nanoseconds

/// Seconds from one time to another, both in nanoseconds of the same clock; never less than none.
/// Nothing where `then` is 0, which stands for a time that was not.
[[nodiscard]] inline std::optional<double> seconds_since(std::int64_t then, std::int64_t now) {
  return then == 0
             ? std::nullopt
             : std::optional(static_cast<double>(std::max<std::int64_t>(now - then, 0)) / kSecond);
}

/// null where there is no number.
[[nodiscard]] inline nlohmann::ordered_json json_of(std::optional<double> seconds) {
  return seconds ? nlohmann::ordered_json(*seconds) : nlohmann::ordered_json(nullptr);
}

}  // namespace tiercel::api
