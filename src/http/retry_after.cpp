#include "retry_after.h"

#include <algorithm>
#include <charconv>
#include <string>

#include <curl/curl.h>

namespace tiercel::http {

namespace {
constexpr std::chrono::milliseconds kMost = std::chrono::hours(1);

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t");
  const std::size_t to = text.find_last_not_of(" \t\r\n");
  return from == std::string_view::npos ? std::string_view{} : text.substr(from, to - from + 1);
}
}  // namespace

std::optional<std::string_view> header_value(std::string_view line, std::string_view lower_name) {
  if (line.size() <= lower_name.size() || line[lower_name.size()] != ':') {
    return std::nullopt;
  }
  for (std::size_t at = 0; at < lower_name.size(); ++at) {
    const char c = line[at];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != lower_name[at]) {
      return std::nullopt;
    }
  }
  return trimmed(line.substr(lower_name.size() + 1));
}

std::optional<std::chrono::milliseconds> parse_retry_after(
    std::string_view value, std::chrono::system_clock::time_point now) {
  if (!value.empty() && value.find_first_not_of("0123456789") == std::string_view::npos) {
    std::uint64_t seconds = 0;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), seconds);
    if (read.ec != std::errc{} || seconds > 3600) {
      return kMost;
    }
    return std::chrono::seconds(seconds);
  }
  const std::time_t date = ::curl_getdate(std::string(value).c_str(), nullptr);
  if (date < 0) {
    return std::nullopt;
  }
  const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::from_time_t(date) - now);
  return std::clamp(wait, std::chrono::milliseconds(0), kMost);
}

}  // namespace tiercel::http
