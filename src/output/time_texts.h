#pragma once

#include <cstdint>
#include <string>

namespace tiercel::output {

/// "2026-01-02T03:04:05.678Z" of nanoseconds since the epoch.
[[nodiscard]] std::string rfc3339(std::int64_t nanoseconds);
/// strftime() of the time in UTC; at most 255 bytes, the pattern itself where that fails.
[[nodiscard]] std::string formatted_utc(const std::string& pattern, std::int64_t nanoseconds);

}  // namespace tiercel::output
