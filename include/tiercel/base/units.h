#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "tiercel/base/error.h"

namespace tiercel::base {

/// A number of bytes; written `16MiB`, `64KiB`, `1GiB`, `512` in config.
struct ByteSize {
  std::uint64_t bytes = 0;
  // NOLINTNEXTLINE(modernize-use-nullptr): what is compared with 0 is the order, no pointer.
  friend auto operator<=>(const ByteSize&, const ByteSize&) = default;
};

namespace literals {
constexpr ByteSize operator""_KiB(unsigned long long n) { return {n << 10U}; }
constexpr ByteSize operator""_MiB(unsigned long long n) { return {n << 20U}; }
constexpr ByteSize operator""_GiB(unsigned long long n) { return {n << 30U}; }
}  // namespace literals

/// "16MiB", "10 KiB", "1GB" (powers of ten), "4096".
[[nodiscard]] Result<ByteSize> parse_byte_size(std::string_view text);
/// The largest unit that divides it: "16MiB", "1500".
[[nodiscard]] std::string to_text(ByteSize size);

/// "250ms", "30s", "5m", "2h", "7d", "1h30m". A bare number is refused.
[[nodiscard]] Result<std::chrono::milliseconds> parse_duration(std::string_view text);
[[nodiscard]] std::string to_text(std::chrono::milliseconds duration);

}  // namespace tiercel::base
