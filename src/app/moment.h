#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tiercel::app {

/// A moment as people write it, in nanoseconds since the epoch: RFC 3339, a date, a date and a
/// time (UTC, as `tiercel alerts` prints them), `now`, `today`, `yesterday`, or a duration: `2h`
/// is two hours before `now`.
[[nodiscard]] std::optional<std::int64_t> parse_moment(std::string_view text, std::int64_t now);

}  // namespace tiercel::app
