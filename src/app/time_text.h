#pragma once

#include <cstdint>
#include <string>

namespace tiercel::app {

/// "4 s", "12 min", "3 h 5 min", "9 days".
[[nodiscard]] inline std::string time_text(std::uint64_t seconds) {
  constexpr std::uint64_t kMinute = 60;
  constexpr std::uint64_t kHour = 60 * kMinute;
  constexpr std::uint64_t kDay = 24 * kHour;
  if (seconds < 2 * kMinute) {
    return std::to_string(seconds) + " s";
  }
  if (seconds < 2 * kHour) {
    return std::to_string(seconds / kMinute) + " min";
  }
  if (seconds < 2 * kDay) {
    return std::to_string(seconds / kHour) + " h " + std::to_string(seconds % kHour / kMinute) +
           " min";
  }
  return std::to_string(seconds / kDay) + " days";
}

}  // namespace tiercel::app
