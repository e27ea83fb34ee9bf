#pragma once

#include <string>
#include <string_view>

namespace tiercel::base {

/// Appends `text` as the inside of a JSON string (no outer quotes): `\" \\ \b \f
/// \n \r \t`, other bytes below 0x20 as \u00xx in lower-case hex; DEL, `/` and
/// non-ASCII characters as they are; each maximal invalid UTF-8 subpart becomes
/// one U+FFFD.
void append_json_escaped(std::string& out, std::string_view text);
/// The same with the quotes around it.
void append_json_string(std::string& out, std::string_view text);
/// Replaces each maximal invalid UTF-8 subpart by U+FFFD.
[[nodiscard]] std::string to_valid_utf8(std::string_view text);
/// Appends one code point as UTF-8. REQUIRES: a Unicode scalar value.
void append_utf8(std::string& out, char32_t code_point);
/// The length (1 to 4) of the valid UTF-8 sequence at the start of `text`, or 0
/// with `*bad` set to the length of the maximal invalid subpart there.
[[nodiscard]] std::size_t utf8_sequence(std::string_view text, std::size_t* bad);

}  // namespace tiercel::base
