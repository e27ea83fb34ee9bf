#pragma once

#include <cstddef>
#include <string_view>

namespace tiercel::base {

/// The beginning of a text, of at most `most` bytes, that ends where a character of UTF-8 does. Of
/// what is no UTF-8, bytes that continue a character go with the one before them.
[[nodiscard]] constexpr std::string_view cut_utf8(std::string_view text, std::size_t most) {
  if (text.size() <= most) {
    return text;
  }
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) {
    --most;
  }
  return text.substr(0, most);
}

}  // namespace tiercel::base
