#include "time_text.h"

namespace tiercel::alert {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

// `digits` decimal digits of `number`, zero-padded.
void append_digits(std::string& out, std::int64_t number, std::size_t digits) {
  const std::size_t start = out.size();
  out.resize(start + digits);
  for (std::size_t at = digits; at-- > 0; number /= 10) {
    out[start + at] = static_cast<char>('0' + number % 10);
  }
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

void append_clock_time(std::string& out, std::int64_t nanoseconds) {
  const std::int64_t rest = nanoseconds % kDay;
  const std::int64_t of_day = rest < 0 ? rest + kDay : rest;
  const std::int64_t seconds = of_day / kSecond;
  append_digits(out, seconds / 3600, 2);
  out += ':';
  append_digits(out, seconds / 60 % 60, 2);
  out += ':';
  append_digits(out, seconds % 60, 2);
  out += '.';
  append_digits(out, of_day % kSecond, 9);
}

void append_iso_time(std::string& out, std::int64_t nanoseconds) {
  // Civil date of a day count, proleptic Gregorian calendar, eras of 400 years.
  const std::int64_t shifted = floor_divide(nanoseconds, kDay) + 719468;
  const std::int64_t era = floor_divide(shifted, 146097);
  const std::int64_t day_of_era = shifted - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const std::int64_t day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  const std::int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  append_digits(out, year_of_era + era * 400 + (month <= 2 ? 1 : 0), 4);
  out += '-';
  append_digits(out, month, 2);
  out += '-';
  append_digits(out, day, 2);
  out += 'T';
  append_clock_time(out, nanoseconds);
}

}  // namespace tiercel::alert
