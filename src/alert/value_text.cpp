#include <charconv>
#include <string>
#include <string_view>

#include "tiercel/base/json_text.h"

#include "output_template.h"

namespace tiercel::alert {

namespace {

constexpr std::string_view kAbsent = "<NA>";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

void append(std::string_view text, Escape escape, std::string& out) {
  if (escape == Escape::kJson) {
    base::append_json_escaped(out, text);
  } else {
    out += text;
  }
}

// The code point of a valid sequence.
char32_t decode(std::string_view sequence) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(sequence[at]); };
  switch (sequence.size()) {
    case 2:
      return static_cast<char32_t>((byte(0) & 0x1FU) << 6U | (byte(1) & 0x3FU));
    case 3:
      return static_cast<char32_t>((byte(0) & 0x0FU) << 12U | (byte(1) & 0x3FU) << 6U |
                                   (byte(2) & 0x3FU));
    case 4:
      return static_cast<char32_t>((byte(0) & 0x07U) << 18U | (byte(1) & 0x3FU) << 12U |
                                   (byte(2) & 0x3FU) << 6U | (byte(3) & 0x3FU));
    default:
      return byte(0);
  }
}

bool is_unprintable(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0xFDD0 && code <= 0xFDEF) ||
         (code & 0xFFFEU) == 0xFFFEU;
}

}  // namespace

// Falco replaces control characters, noncharacters and invalid UTF-8 in the texts of
// evt.* fields before it prints them.
std::string clean_text(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t bad = 0;
    const std::size_t length = base::utf8_sequence(text.substr(at), &bad);
    if (length == 0) {
      clean += kReplacement;
      at += bad;
      continue;
    }
    const std::string_view sequence = text.substr(at, length);
    clean += is_unprintable(decode(sequence)) ? kReplacement : sequence;
    at += length;
  }
  return clean;
}

void append_value_text(const base::Value& value, const audit::Field* field, Escape escape,
                       std::string& out) {
  using Kind = base::Value::Kind;
  switch (value.kind()) {
    case Kind::kAbsent:
      out += kAbsent;
      return;
    case Kind::kText:
      if (field != nullptr && field->clean_text) {
        append(clean_text(value.as_text()), escape, out);
      } else {
        append(value.as_text(), escape, out);
      }
      return;
    case Kind::kNumber: {
      char digits[24];
      const auto end = std::to_chars(digits, digits + sizeof digits, value.as_number()).ptr;
      const auto length = static_cast<std::size_t>(end - digits);
      const std::size_t least = field == nullptr ? 0 : field->text_digits;
      out.append(least > length ? least - length : 0, '0');
      out.append(digits, length);
      return;
    }
    case Kind::kBoolean:
      out += value.as_boolean() ? "true" : "false";
      return;
    case Kind::kList: {
      // As Falco: no comma while only empty elements have been printed.
      out += '(';
      bool printed = false;
      for (const std::string_view element : value.as_list()) {
        if (printed) {
          out += ',';
        }
        append(element, escape, out);
        printed = printed || !element.empty();
      }
      out += ')';
      return;
    }
  }
}

}  // namespace tiercel::alert
