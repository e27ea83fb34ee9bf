#include "tiercel/base/json_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace tiercel::base {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// What append_json_escaped does with a byte: 0 copy, 'u' \u00xx, '8' check UTF-8,
// any other: backslash and that letter.
constexpr std::array<char, 256> make_escape_table() {
  std::array<char, 256> table{};
  for (std::size_t byte = 0; byte < 0x20; ++byte) {
    table[byte] = 'u';
  }
  for (std::size_t byte = 0x80; byte < 0x100; ++byte) {
    table[byte] = '8';
  }
  table['"'] = '"';
  table['\\'] = '\\';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  return table;
}
constexpr std::array<char, 256> kEscape = make_escape_table();

std::uint8_t byte_at(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

bool is_continuation(std::uint8_t byte) { return (byte & 0xC0U) == 0x80U; }

}  // namespace

std::size_t utf8_sequence(std::string_view text, std::size_t* bad) {
  const std::uint8_t lead = byte_at(text, 0);
  if (lead < 0x80) {
    return 1;
  }
  std::size_t length = 0;
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    low = lead == 0xE0 ? 0xA0 : 0x80;   // no overlong forms
    high = lead == 0xED ? 0x9F : 0xBF;  // no surrogates
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    low = lead == 0xF0 ? 0x90 : 0x80;
    high = lead == 0xF4 ? 0x8F : 0xBF;  // nothing above U+10FFFF
  }
  if (length == 0 || text.size() < 2 || byte_at(text, 1) < low || byte_at(text, 1) > high) {
    *bad = 1;
    return 0;
  }
  for (std::size_t at = 2; at < length; ++at) {
    if (at >= text.size() || !is_continuation(byte_at(text, at))) {
      *bad = at;
      return 0;
    }
  }
  return length;
}

void append_json_escaped(std::string& out, std::string_view text) {
  std::size_t from = 0;
  std::size_t at = 0;
  const auto flush = [&] { out.append(text.data() + from, at - from); };
  while (at < text.size()) {
    const std::uint8_t byte = byte_at(text, at);
    const char action = kEscape[byte];
    if (action == 0) {
      ++at;
      continue;
    }
    if (action == '8') {
      std::size_t bad = 0;
      const std::size_t length = utf8_sequence(text.substr(at), &bad);
      if (length != 0) {
        at += length;
        continue;
      }
      flush();
      out.append(kReplacement);
      at += bad;
      from = at;
      continue;
    }
    flush();
    out.push_back('\\');
    if (action == 'u') {
      constexpr std::string_view kHex = "0123456789abcdef";
      out.append("u00");
      out.push_back(kHex[byte >> 4U]);
      out.push_back(kHex[byte & 0xFU]);
    } else {
      out.push_back(action);
    }
    ++at;
    from = at;
  }
  flush();
}

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  append_json_escaped(out, text);
  out.push_back('"');
}

std::string to_valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t bad = 0;
    const std::size_t length = utf8_sequence(text.substr(at), &bad);
    if (length != 0) {
      out.append(text.substr(at, length));
      at += length;
    } else {
      out.append(kReplacement);
      at += bad;
    }
  }
  return out;
}

void append_utf8(std::string& out, char32_t code_point) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  const auto code = static_cast<std::uint32_t>(code_point);
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | (code >> 6U));
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | (code >> 12U));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | (code >> 18U));
    put(0x80U | ((code >> 12U) & 0x3FU));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
}

}  // namespace tiercel::base
