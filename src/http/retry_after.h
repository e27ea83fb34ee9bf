#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace tiercel::http {

/// The value of "Name: value\r\n" where the line's name is this one, in any case.
[[nodiscard]] std::optional<std::string_view> header_value(std::string_view line,
                                                           std::string_view lower_name);
/// Seconds or an HTTP date; at most an hour, nothing for what is neither.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_retry_after(
    std::string_view value, std::chrono::system_clock::time_point now);

}  // namespace tiercel::http
