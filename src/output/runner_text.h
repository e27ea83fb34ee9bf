#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace tiercel::output {

/// Nanoseconds since the epoch as "2026-01-02T03:04:05.678Z".
[[nodiscard]] std::string utc_text(std::int64_t time);
/// "450 ms", "12 s", "7 min", "3 h": for people.
[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);

}  // namespace tiercel::output
