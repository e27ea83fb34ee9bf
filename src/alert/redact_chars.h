#pragma once

#include <algorithm>
#include <array>
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

/// Characters that end a search: one look at a table for each byte, where
/// std::string_view::find_first_of() calls memchr for each.
class CharSet {
 public:
  constexpr explicit CharSet(std::string_view chars) {
    for (const char c : chars) {
      table_[static_cast<unsigned char>(c)] = true;
    }
  }
  [[nodiscard]] bool has(char c) const { return table_[static_cast<unsigned char>(c)]; }
  /// Where the next of them stands; the size of the text where none does.
  [[nodiscard]] std::size_t find(std::string_view text, std::size_t from) const {
    while (from < text.size() && !has(text[from])) {
      ++from;
    }
    return std::min(from, text.size());
  }

 private:
  std::array<bool, 256> table_{};
};

/// `lower` is in lower case.
inline bool equal_ignoring_case(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a | 0x20 : a) == b; });
}

}  // namespace tiercel::alert
