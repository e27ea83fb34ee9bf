#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tiercel::condition {

/// ASCII lower case; every other byte as it is.
[[nodiscard]] constexpr char fold(char byte) {
  return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + ('a' - 'A')) : byte;
}
[[nodiscard]] std::string folded(std::string_view text);

/// True when `needle` occurs in `text`. Linear time, whatever the two are.
[[nodiscard]] bool contains(std::string_view text, std::string_view needle);
/// The same with the ASCII letters of `text` folded. REQUIRES: `needle` is folded.
/// Allocates only for needles of some kilobytes.
[[nodiscard]] bool contains_folded(std::string_view text, std::string_view needle);

/// A whole decimal number with an optional sign; a negative one wraps modulo 2^64.
/// Nothing for fractions, exponents, hexadecimal and what does not fit.
[[nodiscard]] std::optional<std::uint64_t> parse_unsigned(std::string_view text);

}  // namespace tiercel::condition
