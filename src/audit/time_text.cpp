#include "time_text.h"

#include <algorithm>
#include <chrono>

namespace tiercel::audit {

namespace {

char* put_digits(char* out, std::int64_t number, int digits) {
  for (int at = digits - 1; at >= 0; --at) {
    out[at] = static_cast<char>('0' + number % 10);
    number /= 10;
  }
  return out + digits;
}

char* put_date(char* out, std::chrono::sys_days day) {
  const std::chrono::year_month_day date(day);
  out = put_digits(out, int{date.year()}, 4);
  *out++ = '-';
  out = put_digits(out, unsigned{date.month()}, 2);
  *out++ = '-';
  return put_digits(out, unsigned{date.day()}, 2);
}

}  // namespace

std::string_view time_text(std::int64_t nanoseconds, TimeForm form, base::Arena& arena) {
  using std::chrono::days;
  using std::chrono::seconds;
  // 64 bits of nanoseconds reach from 1677 to 2262: four digits of a year are enough.
  constexpr std::size_t kLongestTime = 29;
  const std::chrono::sys_time<std::chrono::nanoseconds> time{std::chrono::nanoseconds(nanoseconds)};
  const auto second = std::chrono::floor<seconds>(time);
  const auto day = std::chrono::floor<days>(second);
  const std::int64_t of_day = (second - day).count();
  char* const text = arena.allocate_text(kLongestTime + form.zone.size());
  char* out = text;
  if (form.date) {
    out = put_date(out, day);
    *out++ = form.separator;
  }
  out = put_digits(out, of_day / 3600, 2);
  *out++ = ':';
  out = put_digits(out, of_day / 60 % 60, 2);
  *out++ = ':';
  out = put_digits(out, of_day % 60, 2);
  if (form.fraction) {
    *out++ = '.';
    out = put_digits(out, std::chrono::nanoseconds(time - second).count(), 9);
  }
  out = std::copy(form.zone.begin(), form.zone.end(), out);
  return {text, static_cast<std::size_t>(out - text)};
}

}  // namespace tiercel::audit
