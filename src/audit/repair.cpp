#include "repair.h"

#include "tiercel/audit/decode.h"

namespace tiercel::audit {

bool escape_control_characters(std::string_view item, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out.clear();
  bool in_string = false;
  bool escaped = false;
  bool mended = false;
  for (const char c : item) {
    const auto byte = static_cast<unsigned char>(c);
    if (in_string && byte < 0x20) {
      // An unknown escape stays as written: its backslash needs one of its own now.
      if (escaped) {
        out.push_back('\\');
      }
      out += "\\u00";
      out.push_back(kHex[byte >> 4U]);
      out.push_back(kHex[byte & 0xFU]);
      escaped = false;
      mended = true;
      continue;
    }
    out.push_back(c);
    if (escaped) {
      escaped = false;
    } else if (in_string && c == '\\') {
      escaped = true;
    } else if (c == '"') {
      in_string = !in_string;
    }
  }
  out.append(kPadding, '\0');
  return mended;
}

}  // namespace tiercel::audit
