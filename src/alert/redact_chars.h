#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace tiercel::alert {

/// How far a name or a run of blanks is looked back for.
inline constexpr std::size_t kMostName = 128;
inline constexpr std::size_t kMostBlanks = 64;

inline bool is_blank(char c) { return c == ' ' || c == '\t'; }
inline bool is_space(char c) { return is_blank(c) || c == '\n' || c == '\r'; }
inline bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }
inline bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
inline bool is_hex(char c) {
  return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}
inline bool is_name_char(char c) { return is_alnum(c) || c == '_' || c == '-' || c == '.'; }

/// `lower` is in lower case.
inline bool equal_ignoring_case(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a | 0x20 : a) == b; });
}

}  // namespace tiercel::alert
