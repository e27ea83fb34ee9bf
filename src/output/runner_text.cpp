#include "runner_text.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace tiercel::output {

std::string utc_text(std::int64_t time) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  std::int64_t nanoseconds = time % kSecond;
  std::time_t seconds = time / kSecond;
  if (nanoseconds < 0) {
    nanoseconds += kSecond;
    --seconds;
  }
  std::tm parts{};
  if (::gmtime_r(&seconds, &parts) == nullptr) {
    return "1970-01-01T00:00:00.000Z";
  }
  std::array<char, 64> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::string out(text.data(), size);
  std::string fraction = std::to_string(1000 + nanoseconds / 1'000'000);
  fraction.front() = '.';
  return out + fraction + "Z";
}

std::string duration_text(std::chrono::milliseconds duration) {
  using std::chrono::duration_cast;
  if (duration < std::chrono::seconds(2)) {
    return std::to_string(duration.count()) + " ms";
  }
  if (duration < std::chrono::minutes(2)) {
    return std::to_string(duration_cast<std::chrono::seconds>(duration).count()) + " s";
  }
  if (duration < std::chrono::hours(2)) {
    return std::to_string(duration_cast<std::chrono::minutes>(duration).count()) + " min";
  }
  return std::to_string(duration_cast<std::chrono::hours>(duration).count()) + " h";
}

}  // namespace tiercel::output
