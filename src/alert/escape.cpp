#include "escape.h"

#include <cstdint>
#include <cstring>

#include "tiercel/base/json_text.h"

namespace tiercel::alert {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool is_plain(unsigned char byte) {
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

// Eight bytes at once, each the high bit of its byte: set where that byte is not plain
// (and perhaps in a byte above such a one, which changes no answer).
std::uint64_t not_plain(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHigh = kOnes * 0x80U;
  const auto zero = [](std::uint64_t bytes) { return (bytes - kOnes) & ~bytes; };
  const std::uint64_t control = (word - kOnes * 0x20U) & ~word;
  return (word | control | zero(word ^ (kOnes * '"')) | zero(word ^ (kOnes * '\\'))) & kHigh;
}

bool needs_escape(std::string_view text) {
  while (text.size() >= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), sizeof word);
    if (not_plain(word) != 0) {
      return true;
    }
    text.remove_prefix(sizeof word);
  }
  for (const char c : text) {
    if (!is_plain(static_cast<unsigned char>(c))) {
      return true;
    }
  }
  return false;
}

// The code point of a valid sequence of UTF-8.
char32_t decode(std::string_view sequence) {
  const auto bits = [&](std::size_t at, std::uint32_t mask, std::uint32_t shift) {
    return (static_cast<unsigned char>(sequence[at]) & mask) << shift;
  };
  switch (sequence.size()) {
    case 2:
      return bits(0, 0x1FU, 6) | bits(1, 0x3FU, 0);
    case 3:
      return bits(0, 0x0FU, 12) | bits(1, 0x3FU, 6) | bits(2, 0x3FU, 0);
    case 4:
      return bits(0, 0x07U, 18) | bits(1, 0x3FU, 12) | bits(2, 0x3FU, 6) | bits(3, 0x3FU, 0);
    default:
      return bits(0, 0x7FU, 0);
  }
}

bool is_unprintable(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0xFDD0 && code <= 0xFDEF) ||
         (code & 0xFFFEU) == 0xFFFEU;
}

}  // namespace

void escape_from(std::string& out, std::size_t start, base::Arena& arena) {
  const std::string_view written = std::string_view(out).substr(start);
  if (!needs_escape(written)) {
    return;
  }
  const std::string_view raw = arena.copy(written);
  out.resize(start);
  base::append_json_escaped(out, raw);
}

void append_clean(std::string& out, std::string_view text) {
  std::size_t from = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t bad = 0;
    const std::size_t length = base::utf8_sequence(text.substr(at), &bad);
    if (length != 0 && !is_unprintable(decode(text.substr(at, length)))) {
      at += length;
      continue;
    }
    out.append(text, from, at - from);
    out += kReplacement;
    at += length == 0 ? bad : length;
    from = at;
  }
  out.append(text, from, at - from);
}

}  // namespace tiercel::alert
