#include "tiercel/base/units.h"

#include <array>
#include <charconv>
#include <limits>

namespace tiercel::base {

namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array<Unit, 8> kSizeUnits{{{"GiB", std::uint64_t{1} << 30U},
                                          {"MiB", std::uint64_t{1} << 20U},
                                          {"KiB", std::uint64_t{1} << 10U},
                                          {"GB", 1'000'000'000},
                                          {"MB", 1'000'000},
                                          {"kB", 1'000},
                                          {"KB", 1'000},
                                          {"B", 1}}};

// Milliseconds, the largest first.
constexpr std::array<Unit, 5> kTimeUnits{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

std::string_view skip_blanks(std::string_view text) {
  while (!text.empty() && text.front() == ' ') {
    text.remove_prefix(1);
  }
  return text;
}

// Reads digits at the front of `text`; false when there are none or too many.
bool take_number(std::string_view& text, std::uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{}) {
    return false;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool multiply_add(std::uint64_t& sum, std::uint64_t number, std::uint64_t factor) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (number > kMost / factor || sum > kMost - number * factor) {
    return false;
  }
  sum += number * factor;
  return true;
}

}  // namespace

Result<ByteSize> parse_byte_size(std::string_view text) {
  const Error error{"bad_size", "not a size: write a number and a unit, such as 16MiB or 64KiB",
                    std::string(text)};
  std::string_view rest = skip_blanks(text);
  std::uint64_t number = 0;
  if (!take_number(rest, number)) {
    return error;
  }
  rest = skip_blanks(rest);
  std::uint64_t bytes = 0;
  if (rest.empty()) {
    return ByteSize{number};
  }
  for (const Unit& unit : kSizeUnits) {
    if (rest == unit.name) {
      if (!multiply_add(bytes, number, unit.factor)) {
        return Error{"bad_size", "the size is too large", std::string(text)};
      }
      return ByteSize{bytes};
    }
  }
  return error;
}

std::string to_text(ByteSize size) {
  for (const Unit& unit : kSizeUnits) {
    if (unit.name.size() == 3 && size.bytes != 0 && size.bytes % unit.factor == 0) {
      return std::to_string(size.bytes / unit.factor).append(unit.name);
    }
  }
  return std::to_string(size.bytes);
}

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const Error error{"bad_duration",
                    "not a duration: write numbers with units, such as 30s, 250ms or 1h30m",
                    std::string(text)};
  std::string_view rest = skip_blanks(text);
  std::uint64_t sum = 0;
  std::size_t next_unit = 0;
  if (rest.empty()) {
    return error;
  }
  while (!rest.empty()) {
    std::uint64_t number = 0;
    if (!take_number(rest, number)) {
      return error;
    }
    std::size_t letters = 0;
    while (letters < rest.size() && (rest[letters] < '0' || rest[letters] > '9')) {
      ++letters;
    }
    const std::string_view name = rest.substr(0, letters);
    std::size_t unit = next_unit;
    while (unit < kTimeUnits.size() && kTimeUnits[unit].name != name) {
      ++unit;
    }
    if (unit == kTimeUnits.size()) {
      return error;
    }
    if (!multiply_add(sum, number, kTimeUnits[unit].factor)) {
      return Error{"bad_duration", "the duration is too long", std::string(text)};
    }
    next_unit = unit + 1;
    rest.remove_prefix(letters);
  }
  return std::chrono::milliseconds(sum);
}

std::string to_text(std::chrono::milliseconds duration) {
  auto left = static_cast<std::uint64_t>(duration.count());
  if (left == 0) {
    return "0s";
  }
  std::string out;
  for (const Unit& unit : kTimeUnits) {
    if (left >= unit.factor) {
      out += std::to_string(left / unit.factor);
      out += unit.name;
      left %= unit.factor;
    }
  }
  return out;
}

}  // namespace tiercel::base
