#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace tiercel::alert {

/// How far a name or a run of blanks is looked back for.
inline constexpr std::size_t kMostName = 128;
inline constexpr std::size_t kMostBlanks = 64;

/// Characters that are searched for or skipped: one look at a table for each byte, where
/// std::string_view::find_first_of() calls memchr for each.
class CharSet {
 public:
  constexpr explicit CharSet(std::string_view chars, std::string_view more = {}) {
    for (const std::string_view part : {chars, more}) {
      for (const char c : part) {
        table_[static_cast<unsigned char>(c)] = true;
      }
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
  /// Where the next stands that is none of them; the size of the text where all are.
  [[nodiscard]] std::size_t skip(std::string_view text, std::size_t from) const {
    while (from < text.size() && has(text[from])) {
      ++from;
    }
    return std::min(from, text.size());
  }

 private:
  std::array<bool, 256> table_{};
};

inline constexpr std::string_view kAlnumChars =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
inline constexpr CharSet kBlankSet(" \t");
inline constexpr CharSet kSpaceSet(" \t\n\r");
inline constexpr CharSet kQuoteSet("\"'`");
inline constexpr CharSet kAlnumSet(kAlnumChars);
inline constexpr CharSet kHexSet("0123456789ABCDEFabcdef");
inline constexpr CharSet kNameSet(kAlnumChars, "_-.");
inline constexpr CharSet kWordSet(kAlnumChars, "_");
inline constexpr CharSet kBase64Set(kAlnumChars, "+/-_");

inline bool is_blank(char c) { return kBlankSet.has(c); }
inline bool is_space(char c) { return kSpaceSet.has(c); }
inline bool is_quote(char c) { return kQuoteSet.has(c); }
inline bool is_alnum(char c) { return kAlnumSet.has(c); }
inline bool is_hex(char c) { return kHexSet.has(c); }
inline bool is_name_char(char c) { return kNameSet.has(c); }

/// `lower` is in lower case.
inline bool equal_ignoring_case(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a | 0x20 : a) == b; });
}

}  // namespace tiercel::alert
