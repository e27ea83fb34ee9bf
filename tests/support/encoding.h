#pragma once

#include <cctype>
#include <cstdint>
#include <string>
#include <string_view>

namespace tiercel::support {

inline std::string to_base64(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    bits = (bits << 8U) | static_cast<unsigned char>(c);
    held += 8;
    while (held >= 6) {
      held -= 6;
      out += kDigits[(bits >> held) & 63U];
    }
  }
  if (held > 0) {
    out += kDigits[(bits << (6 - held)) & 63U];
  }
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

/// As in the query of a URI; `blank` is how a blank is written there.
inline std::string to_percent(std::string_view text, std::string_view blank = "%20") {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0) {
      out += c;
    } else if (c == ' ') {
      out += blank;
    } else {
      out += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
    }
  }
  return out;
}

}  // namespace tiercel::support
