#include "time_texts.h"

#include "tiercel/base/utc_time.h"

namespace tiercel::output {

std::string rfc3339(std::int64_t nanoseconds) { return base::utc_text(nanoseconds, 3); }

std::int64_t told_time(const store::StoredAlert& alert) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  constexpr std::int64_t kYear2000 = 946'684'800 * kSecond;
  constexpr std::int64_t kYear2200 = 7'258'118'400 * kSecond;
  return alert.time >= kYear2000 && alert.time < kYear2200 ? alert.time : alert.stored;
}

std::string formatted_utc(const std::string& pattern, std::int64_t nanoseconds) {
  std::string text = base::utc_text(nanoseconds, pattern.c_str());
  return text.empty() ? pattern : text;
}

}  // namespace tiercel::output
