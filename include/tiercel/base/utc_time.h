#pragma once

#include <cstdint>
#include <string>

namespace tiercel::base {

/// All times are nanoseconds since the epoch, before it too. Any thread.

/// "2026-01-02T03:04:05Z" as RFC 3339 has it, with so many digits of the second's fraction: 0 to
/// 9, cut and not rounded.
[[nodiscard]] std::string utc_text(std::int64_t nanoseconds, unsigned digits = 0);
/// strftime() of the time in UTC; empty where that gives more than 255 bytes, or none.
[[nodiscard]] std::string utc_text(std::int64_t nanoseconds, const char* pattern);
/// ".678": the fraction alone; empty with no digits.
[[nodiscard]] std::string fraction_text(std::int64_t nanoseconds, unsigned digits);

}  // namespace tiercel::base
