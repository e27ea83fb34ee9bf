#include "moment.h"

#include <chrono>
#include <string>

#include "tiercel/audit/event.h"
#include "tiercel/base/units.h"

namespace tiercel::app {

namespace {

constexpr std::int64_t kDay = 86'400'000'000'000;
constexpr std::size_t kDate = 10;     // 2026-01-02
constexpr std::size_t kMinutes = 16;  // 2026-01-02T03:04

// A date, with or without a time, as RFC 3339 in UTC.
std::string completed(std::string_view text) {
  std::string whole(text);
  if (whole.size() == kDate) {
    whole += "T00:00";
  }
  if (whole.size() > kDate && (whole[kDate] == ' ' || whole[kDate] == 't')) {
    whole[kDate] = 'T';
  }
  if (whole.size() == kMinutes) {
    whole += ":00";
  }
  const bool has_zone = whole.find_first_of("Zz+", kDate) != std::string::npos ||
                        whole.find('-', kDate) != std::string::npos;
  return has_zone ? whole : whole + "Z";
}

}  // namespace

std::optional<std::int64_t> parse_moment(std::string_view text, std::int64_t now) {
  const std::int64_t today = now / kDay * kDay;
  if (text == "now") {
    return now;
  }
  if (text == "today") {
    return today;
  }
  if (text == "yesterday") {
    return today - kDay;
  }
  std::int64_t time = 0;
  if (audit::parse_time(text, time)) {
    return time;
  }
  if (text.size() >= kDate && audit::parse_time(completed(text), time)) {
    return time;
  }
  if (text.ends_with(" ago")) {
    text.remove_suffix(4);
  }
  if (const auto ago = base::parse_duration(text)) {
    const std::int64_t most = now / 1'000'000;
    return ago->count() > most ? 0 : now - ago->count() * 1'000'000;
  }
  return std::nullopt;
}

}  // namespace tiercel::app
