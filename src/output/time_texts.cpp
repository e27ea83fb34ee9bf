#include "time_texts.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace tiercel::output {

namespace {
constexpr std::int64_t kSecond = 1'000'000'000;

// Rounded down, before 1970 too.
std::int64_t seconds_of(std::int64_t nanoseconds) {
  return nanoseconds / kSecond - (nanoseconds % kSecond < 0 ? 1 : 0);
}

std::tm parts_of(std::int64_t nanoseconds) {
  const std::time_t seconds = seconds_of(nanoseconds);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return parts;
}
}  // namespace

std::string rfc3339(std::int64_t nanoseconds) {
  const std::tm parts = parts_of(nanoseconds);
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                parts.tm_sec,
                static_cast<int>((nanoseconds - seconds_of(nanoseconds) * kSecond) / 1'000'000));
  return text.data();
}

std::int64_t told_time(const store::StoredAlert& alert) {
  constexpr std::int64_t kYear2000 = 946'684'800 * kSecond;
  constexpr std::int64_t kYear2200 = 7'258'118'400 * kSecond;
  return alert.time >= kYear2000 && alert.time < kYear2200 ? alert.time : alert.stored;
}

std::string formatted_utc(const std::string& pattern, std::int64_t nanoseconds) {
  const std::tm parts = parts_of(nanoseconds);
  std::array<char, 256> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), pattern.c_str(), &parts);
  return length == 0 ? pattern : std::string(text.data(), length);
}

}  // namespace tiercel::output
