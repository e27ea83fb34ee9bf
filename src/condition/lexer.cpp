#include "lexer.h"

namespace tiercel::condition {

namespace {

bool is_letter(char byte) { return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z'); }

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

int hex_value(char byte) {
  if (is_digit(byte)) {
    return byte - '0';
  }
  if (byte >= 'a' && byte <= 'f') {
    return byte - 'a' + 10;
  }
  if (byte >= 'A' && byte <= 'F') {
    return byte - 'A' + 10;
  }
  return -1;
}

// What `\x` stands for with one letter after the backslash; 0 when it is none.
char simple_escape(char letter, char quote) {
  switch (letter) {
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
    case '/':
      return '/';
    case '\\':
    case ' ':  // the blank disappears; rules in the field rely on it
      return '\\';
    default:
      return letter == quote ? quote : '\0';
  }
}

// Replaces the escapes of `raw`, which begins at byte `offset` of the condition.
QuotedText unescape(std::string_view raw, char quote, std::size_t offset) {
  QuotedText result;
  result.outcome = QuotedText::Outcome::kOk;
  result.text.reserve(raw.size());
  for (std::size_t at = 0; at < raw.size(); ++at) {
    if (raw[at] != '\\') {
      result.text.push_back(raw[at]);
      continue;
    }
    result.problem = offset + at;
    ++at;
    const char letter = at < raw.size() ? raw[at] : '\0';
    if (const char byte = simple_escape(letter, quote); byte != '\0') {
      result.text.push_back(byte);
      continue;
    }
    const int high = letter == 'x' && at + 2 < raw.size() ? hex_value(raw[at + 1]) : -1;
    const int low = high >= 0 ? hex_value(raw[at + 2]) : -1;
    if (low < 0) {
      result.outcome = QuotedText::Outcome::kBadEscape;
      return result;
    }
    const char byte = static_cast<char>(high * 16 + low);
    if (byte == '\0') {
      result.outcome = QuotedText::Outcome::kNul;
      return result;
    }
    result.text.push_back(byte);
    at += 2;
  }
  return result;
}

}  // namespace

bool is_blank(char byte) {
  return byte == ' ' || byte == '\t' || byte == '\b' || byte == '\r' || byte == '\n';
}

bool is_white_space(char byte) {
  return byte == ' ' || (byte >= '\t' && byte <= '\r');  // \t \n \v \f \r
}

bool is_bare_value_byte(char byte) {
  switch (byte) {
    case '(':
    case ')':
    case '"':
    case '\'':
    case '=':
    case ',':
      return false;
    default:
      return !is_white_space(byte);
  }
}

bool is_bare_argument_byte(char byte) {
  return byte != '[' && byte != ']' && byte != '"' && byte != '\'' && !is_white_space(byte);
}

bool is_identifier_byte(char byte) { return is_letter(byte) || is_digit(byte) || byte == '_'; }

bool Lexer::blank() {
  const std::size_t start = at_;
  while (!at_end() && is_blank(text_[at_])) {
    ++at_;
  }
  return at_ != start;
}

bool Lexer::take(std::string_view word) {
  if (!text_.substr(at_).starts_with(word)) {
    return false;
  }
  at_ += word.size();
  return true;
}

template <class Belongs>
std::optional<std::string_view> Lexer::run(Belongs belongs) {
  const std::size_t start = at_;
  while (!at_end() && belongs(text_[at_])) {
    ++at_;
  }
  if (at_ == start) {
    return std::nullopt;
  }
  return text_.substr(start, at_ - start);
}

std::optional<std::string_view> Lexer::identifier() {
  if (!is_letter(peek())) {
    return std::nullopt;
  }
  return run(is_identifier_byte);
}

std::optional<std::string_view> Lexer::field_name() {
  const std::size_t start = at_;
  std::size_t end = start;
  std::size_t parts = 0;
  while (identifier()) {
    ++parts;
    end = at_;
    if (!take(".")) {
      break;
    }
  }
  if (parts < 2) {
    at_ = start;
    return std::nullopt;
  }
  at_ = end;
  return text_.substr(start, end - start);
}

void Lexer::digits() {
  while (is_digit(peek())) {
    ++at_;
  }
}

std::optional<std::string_view> Lexer::hexadecimal() {
  const std::size_t start = at_;
  if (take("0x") || take("0X")) {
    if (run([](char byte) { return hex_value(byte) >= 0; })) {
      return text_.substr(start, at_ - start);
    }
  }
  at_ = start;
  return std::nullopt;
}

std::optional<std::string_view> Lexer::number() {
  if (const auto hex = hexadecimal()) {
    return hex;
  }
  const std::size_t start = at_;
  if (peek() == '-' || peek() == '+') {
    ++at_;
  }
  if (!is_digit(peek())) {
    at_ = start;
    return std::nullopt;
  }
  digits();
  if (take(".")) {
    digits();
  }
  const std::size_t mantissa_end = at_;
  if (take("e") || take("E")) {
    const bool has_sign = take("+") || take("-");
    if (!has_sign || !is_digit(peek())) {
      at_ = mantissa_end;
    } else {
      digits();
    }
  }
  return text_.substr(start, at_ - start);
}

std::optional<std::string_view> Lexer::bare_value() { return run(is_bare_value_byte); }

std::optional<std::string_view> Lexer::bare_argument() { return run(is_bare_argument_byte); }

QuotedText Lexer::quoted() {
  const char quote = peek();
  if (quote != '"' && quote != '\'') {
    return {};
  }
  const std::size_t start = at_;
  // The first such quote without a backslash right before it, be that backslash
  // itself escaped or not: Falco looks at one byte only, and rules are written so.
  std::size_t end = start;
  do {
    end = text_.find(quote, end + 1);
  } while (end != std::string_view::npos && end > start + 1 && text_[end - 1] == '\\');
  if (end == std::string_view::npos) {
    QuotedText result;
    result.outcome = QuotedText::Outcome::kUnterminated;
    result.problem = start;
    return result;
  }
  QuotedText result = unescape(text_.substr(start + 1, end - start - 1), quote, start + 1);
  if (result.outcome == QuotedText::Outcome::kOk) {
    at_ = end + 1;
  }
  return result;
}

}  // namespace tiercel::condition
