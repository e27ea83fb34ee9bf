#include "base64.h"

#include <cstdint>

namespace tiercel::condition {

namespace {

int sextet(char byte) {
  if (byte >= 'A' && byte <= 'Z') {
    return byte - 'A';
  }
  if (byte >= 'a' && byte <= 'z') {
    return byte - 'a' + 26;
  }
  if (byte >= '0' && byte <= '9') {
    return byte - '0' + 52;
  }
  return byte == '+' ? 62 : byte == '/' ? 63 : -1;
}

}  // namespace

std::optional<std::string_view> decode_base64(std::string_view text, base::Arena& arena) {
  if (text.ends_with('=')) {
    const bool whole = text.size() % 4 == 0;
    text.remove_suffix(text.ends_with("==") ? 2 : 1);
    if (!whole) {
      return std::nullopt;
    }
  }
  if (text.size() % 4 == 1) {
    return std::nullopt;
  }
  char* const out = arena.allocate_text(text.size() / 4 * 3 + 3);
  std::size_t size = 0;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char byte : text) {
    const int value = sextet(byte);
    if (value < 0) {
      return std::nullopt;
    }
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out[size++] = static_cast<char>((bits >> held) & 0xFFU);
    }
  }
  const std::string_view decoded(out, size);
  return decoded.substr(0, decoded.find('\0'));
}

}  // namespace tiercel::condition
