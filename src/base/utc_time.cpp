#include "tiercel/base/utc_time.h"

#include <array>
#include <ctime>

namespace tiercel::base {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

// Rounded down, so that the fraction is never negative.
std::int64_t seconds_of(std::int64_t nanoseconds) {
  return nanoseconds / kSecond - (nanoseconds % kSecond < 0 ? 1 : 0);
}

}  // namespace

std::string utc_text(std::int64_t nanoseconds, const char* pattern) {
  const std::time_t seconds = seconds_of(nanoseconds);
  std::tm parts{};
  // 64 bits of nanoseconds hold the years 1677 to 2262: it cannot fail.
  ::gmtime_r(&seconds, &parts);
  std::array<char, 256> text{};
  return {text.data(), std::strftime(text.data(), text.size(), pattern, &parts)};
}

std::string fraction_text(std::int64_t nanoseconds, unsigned digits) {
  if (digits == 0) {
    return {};
  }
  const std::int64_t fraction = nanoseconds - seconds_of(nanoseconds) * kSecond;
  std::string text = std::to_string(kSecond + fraction);  // a one in the point's place
  text.front() = '.';
  return text.substr(0, 1 + digits);
}

std::string utc_text(std::int64_t nanoseconds, unsigned digits) {
  return utc_text(nanoseconds, "%Y-%m-%dT%H:%M:%S") + fraction_text(nanoseconds, digits) + "Z";
}

}  // namespace tiercel::base
