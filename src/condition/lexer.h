#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tiercel::condition {

/// A quoted text as found, or what is wrong with it.
struct QuotedText {
  enum class Outcome : std::uint8_t { kNone, kOk, kUnterminated, kBadEscape, kNul };
  Outcome outcome = Outcome::kNone;
  std::string text;         ///< unescaped
  std::size_t problem = 0;  ///< the offending byte: the opening quote or a backslash
};

/// The language has no fixed tokens: the same letters are a keyword, an operator or
/// a plain value, depending on where they stand. So the lexer is a cursor that the
/// parser asks for what it expects next; whatever is not there is not consumed.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  /// The byte at the cursor, 0 at the end.
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[at_]; }
  void rewind(std::size_t at) { at_ = at; }

  /// Skips blanks; true when there was at least one.
  bool blank();
  /// Consumes exactly `word`, without asking what follows.
  bool take(std::string_view word);

  /// A letter, then letters, digits and underscores.
  std::optional<std::string_view> identifier();
  /// Two or more identifiers joined by dots; the longest such text.
  std::optional<std::string_view> field_name();
  std::optional<std::string_view> number();
  /// A value without quotes: anything up to `( ) " ' = ,` or white space.
  std::optional<std::string_view> bare_value();
  /// An argument without quotes: anything up to `[ ] " '` or white space.
  std::optional<std::string_view> bare_argument();
  QuotedText quoted();

 private:
  template <class Belongs>
  std::optional<std::string_view> run(Belongs belongs);
  std::optional<std::string_view> hexadecimal();
  void digits();

  std::string_view text_;
  std::size_t at_ = 0;
};

/// Space, tab, backspace, CR, LF. Vertical tab and form feed are not.
[[nodiscard]] bool is_blank(char byte);
/// What stops a value or an argument without quotes, blank or not.
[[nodiscard]] bool is_white_space(char byte);
/// True when `byte` may stand in a value without quotes.
[[nodiscard]] bool is_bare_value_byte(char byte);
[[nodiscard]] bool is_bare_argument_byte(char byte);
[[nodiscard]] bool is_identifier_byte(char byte);

}  // namespace tiercel::condition
