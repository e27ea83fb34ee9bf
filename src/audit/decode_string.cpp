#include <cstdint>
#include <cstring>
#include <string_view>

#include "tiercel/audit/json.h"

namespace tiercel::audit {

namespace {

// The value of four hex digits, or -1.
std::int32_t hex4(std::string_view text) {
  if (text.size() < 4) {
    return -1;
  }
  std::int32_t value = 0;
  for (std::size_t at = 0; at < 4; ++at) {
    const char c = text[at];
    std::int32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = c - '0';
    } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
      digit = (c | 0x20) - 'a' + 10;
    } else {
      return -1;
    }
    value = value * 16 + digit;
  }
  return value;
}

char* put_utf8(char* out, std::uint32_t code) {
  const auto put = [&out](std::uint32_t byte) { *out++ = static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | code >> 6U);
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | code >> 12U);
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | code >> 18U);
    put(0x80U | (code >> 12U & 0x3FU));
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
  return out;
}

constexpr std::uint32_t kReplacement = 0xFFFD;

// What stands behind "\u" at the start of `rest`: writes its character and returns how
// many bytes of `rest` it took; 0 when it stays as written.
std::size_t take_unicode(std::string_view rest, char*& out) {
  const std::int32_t first = hex4(rest);
  if (first < 0) {
    return 0;
  }
  const auto code = static_cast<std::uint32_t>(first);
  if (code < 0xD800 || code > 0xDFFF) {
    out = put_utf8(out, code);
    return 4;
  }
  // A surrogate: followed by no \uXXXX it stays as its six characters; by an unfitting
  // one, both become one U+FFFD.
  if (rest.size() < 10 || rest[4] != '\\' || rest[5] != 'u') {
    return 0;
  }
  const std::int32_t second = hex4(rest.substr(6));
  if (second < 0) {
    return 0;
  }
  const auto low = static_cast<std::uint32_t>(second);
  const bool fits = code < 0xDC00 && low >= 0xDC00 && low <= 0xDFFF;
  out = put_utf8(out, fits ? 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00) : kReplacement);
  return 10;
}

char simple_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return '\0';
  }
}

}  // namespace

std::string_view decode_string(std::string_view raw, base::Arena& arena) {
  const void* const first = std::memchr(raw.data(), '\\', raw.size());
  if (first == nullptr) {
    return raw;
  }
  // No escape is shorter than what it stands for.
  char* const text = arena.allocate_text(raw.size());
  char* out = text;
  std::size_t at = 0;
  while (at < raw.size()) {
    const void* const found = std::memchr(raw.data() + at, '\\', raw.size() - at);
    const std::size_t next =
        found == nullptr ? raw.size()
                         : static_cast<std::size_t>(static_cast<const char*>(found) - raw.data());
    std::memcpy(out, raw.data() + at, next - at);
    out += next - at;
    at = next;
    if (at + 1 >= raw.size()) {
      if (at < raw.size()) {
        *out++ = raw[at++];
      }
      continue;
    }
    const char escape = raw[at + 1];
    if (const char simple = simple_escape(escape); simple != '\0') {
      *out++ = simple;
      at += 2;
      continue;
    }
    const std::size_t taken = escape == 'u' ? take_unicode(raw.substr(at + 2), out) : 0;
    if (taken == 0) {
      // Unknown or malformed: kept as written.
      *out++ = '\\';
      *out++ = escape;
    }
    at += 2 + taken;
  }
  return {text, static_cast<std::size_t>(out - text)};
}

}  // namespace tiercel::audit
