#pragma once

#include <charconv>
#include <cstddef>
#include <string>

namespace tiercel::alert {

/// Appends the decimal digits of a number, zero-padded to `least` digits.
template <class Number>
void append_number(std::string& out, Number number, std::size_t least = 0) {
  char digits[24];
  const auto* const end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  const auto length = static_cast<std::size_t>(end - digits);
  out.append(least > length ? least - length : 0, '0');
  out.append(digits, length);
}

}  // namespace tiercel::alert
