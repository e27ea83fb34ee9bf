#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "tiercel/base/json_text.h"
#include "tiercel/base/nearest.h"
#include "tiercel/condition/transformer.h"

#include "parser_impl.h"

namespace tiercel::condition {

namespace {

constexpr std::size_t kLongestExcerpt = 40;

constexpr std::array<std::string_view, 3> kKeywords{"and", "or", "not"};

// Signs that other languages have for our keywords and operators.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kForeignSigns{{
    {"&&", "and"},
    {"||", "or"},
    {"~", "regex"},
    {"!", "not"},
    {"&", "and"},
    {"|", "or"},
}};

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return (x >= 'A' && x <= 'Z' ? static_cast<char>(x + ('a' - 'A')) : x) == y;
  });
}

std::string_view word_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_identifier_byte(text[end])) {
    ++end;
  }
  return text.substr(at, end - at);
}

std::string_view bare_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_bare_value_byte(text[end])) {
    ++end;
  }
  return text.substr(at, end - at);
}

std::string quote(std::string_view text) { return "`" + std::string(text) + "`"; }

// "AND" or "&&" where a keyword belongs; empty when it is something else.
std::string keyword_hint(std::string_view text, std::size_t at) {
  const std::string_view word = word_at(text, at);
  for (const std::string_view keyword : kKeywords) {
    if (word != keyword && equal_ignoring_case(word, keyword)) {
      return "keywords are lower case: write " + quote(keyword);
    }
  }
  for (const auto& [sign, keyword] : kForeignSigns) {
    if (text.substr(at).starts_with(sign)) {
      return "write " + quote(keyword) + " instead of " + quote(sign);
    }
  }
  return {};
}

std::string transformer_names() {
  std::string names;
  for (const Transformer& transformer : transformers()) {
    if (!transformer.takes_option) {
      names += names.empty() ? "" : ", ";
      names += transformer.name;
    }
  }
  return names;
}

// A `(` after a word that is no transformer call.
std::string call_hint(std::string_view name, bool blank_between) {
  if (name == "oneof" || name == "anyof" || name == "allof") {
    return "a blank must stand before and after " + quote(name) + ": `= " + std::string(name) +
           " (a, b)`";
  }
  if (name == "val") {
    return blank_between ? "no blank may stand between `val` and `(`"
                         : "val() may stand only right of an operator";
  }
  if (find_transformer(name) != nullptr) {
    return "no blank may stand between " + quote(name) + " and `(`";
  }
  if (blank_between) {
    return {};
  }
  std::vector<std::string_view> known;
  for (const Transformer& transformer : transformers()) {
    known.push_back(transformer.name);
  }
  const std::string_view nearest = base::nearest_name(name, known);
  return quote(name) + " is no transformer" +
         (nearest.empty() ? "; known are " + transformer_names()
                          : "; did you mean " + quote(nearest) + "?");
}

// A `(` after a word that stands right of `in` or in a list.
std::string list_item_hint(std::string_view word) {
  if (word == "oneof" || word == "anyof" || word == "allof") {
    return "list operators take no modifier: write `in (a, b)` or `= " + std::string(word) +
           " (a, b)`";
  }
  return find_transformer(word) != nullptr || word == "val"
             ? "a list holds constants only, no " + quote(word)
             : "";
}

bool starts_check(std::string_view text, std::size_t at) {
  Lexer lexer(text);
  lexer.rewind(at);
  return lexer.field_name().has_value();
}

// The rest of a value that stopped at a blank, a comma or `=`.
std::string value_hint(std::string_view text, std::size_t at, const LastRead& last) {
  const bool adjacent = last.end == at;
  const char next = text[at];
  if (!adjacent && starts_check(text, at)) {
    return "two checks must be joined by `and` or `or`";
  }
  if (adjacent && (next == '"' || next == '\'')) {
    return "a value with a quote in it must stand in the other quotes";
  }
  if (last.kind == LastRead::Kind::kQuoted || next == '(' || next == ')') {
    return {};
  }
  std::size_t end = at;
  while (end < text.size() && (next == ',' || next == '=' || is_bare_value_byte(text[end])) &&
         !is_white_space(text[end]) && text[end] != ')' && text[end] != '"') {
    ++end;
  }
  const std::string_view whole = text.substr(last.begin, end - last.begin);
  if (whole.size() > kLongestExcerpt || whole.find('"') != std::string_view::npos) {
    return "a value with a blank or `( ) , =` in it must stand in quotes";
  }
  return "a value with a blank or `( ) , =` in it must stand in quotes: \"" + std::string(whole) +
         "\"";
}

std::string leftover_hint(std::string_view text, std::size_t at, const LastRead& last) {
  const bool adjacent = last.end == at && last.kind != LastRead::Kind::kQuoted;
  if (std::string hint = keyword_hint(text, at); !hint.empty() && !adjacent) {
    return hint;
  }
  const char next = text[at];
  if (next == ')') {
    return "this `)` closes nothing";
  }
  const std::string_view last_text = text.substr(last.begin, last.end - last.begin);
  const bool after_name = last.kind == LastRead::Kind::kMacro || last.kind == LastRead::Kind::kBare;
  if (next == '(' && after_name) {
    if (std::string hint = call_hint(last_text, last.end != at); !hint.empty()) {
      return hint;
    }
  }
  switch (last.kind) {
    case LastRead::Kind::kNumber:
      if (last.end == at) {
        return quote(std::string(last_text) + std::string(bare_at(text, at))) +
               " is no number, and `<` and `>` take nothing else";
      }
      return starts_check(text, at) ? "two checks must be joined by `and` or `or`" : "";
    case LastRead::Kind::kListItem:
      if (next == '(') {
        return list_item_hint(last_text);
      }
      if (last.end == at && is_bare_value_byte(next)) {
        return "write the value in parentheses: (" + std::string(last_text) +
               std::string(bare_at(text, at)) + ")";
      }
      return value_hint(text, at, last);
    case LastRead::Kind::kBare:
    case LastRead::Kind::kQuoted:
      return value_hint(text, at, last);
    case LastRead::Kind::kMacro:
      if (last_text == "and" || last_text == "or") {
        return "a check is missing before " + quote(last_text);
      }
      return "a name alone is a macro; a field has a dot in it";
    case LastRead::Kind::kNothing:
      break;
  }
  const std::string_view word = word_at(text, at);
  if (word == "and" || word == "or") {
    return "`or(…)` without a blank cannot be followed by `and`: write `or (`";
  }
  return starts_check(text, at) ? "two checks must be joined by `and` or `or`" : "";
}

}  // namespace

std::string found_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) {
    return "the end of the condition";
  }
  if (is_white_space(text[at]) || is_blank(text[at])) {
    return text[at] == '\v' ? "a vertical tab" : text[at] == '\f' ? "a form feed" : "a blank";
  }
  std::string_view token = bare_at(text, at);
  if (token.size() < 2) {
    token = text.substr(at, 1);
  }
  if (token.size() > kLongestExcerpt) {
    return quote(base::to_valid_utf8(token.substr(0, kLongestExcerpt)) + "…");
  }
  return quote(base::to_valid_utf8(token));
}

std::string operator_hint(std::string_view text, std::size_t at) {
  const std::string_view word = word_at(text, at);
  if (word == "oneof" || word == "anyof" || word == "allof") {
    return "a modifier stands after an operator: `= " + std::string(word) + " (a, b)`";
  }
  if (std::string hint = keyword_hint(text, at); !hint.empty()) {
    return hint;
  }
  if (at < text.size() && text[at] == '[') {
    return at > 0 && is_blank(text[at - 1]) ? "no blank may stand before the `[` of an argument"
                                            : "a transformer takes no argument in brackets";
  }
  if (at < text.size() && text[at] == ':') {
    return "write `=`";
  }
  std::vector<std::string_view> known;
  for (const Operator& op : operators()) {
    known.push_back(op.name);
  }
  const std::string_view nearest =
      word.size() < 2 ? std::string_view{} : base::nearest_name(word, known);
  return nearest.empty() ? std::string{} : "did you mean " + quote(nearest) + "?";
}

Leftover explain_leftover(std::string_view text, std::size_t at, const LastRead& last,
                          std::string_view expected) {
  if (last.kind == LastRead::Kind::kMacro) {
    // "NOT ka.verb = get" reads as a macro called NOT with something after it.
    if (std::string hint = keyword_hint(text, last.begin); !hint.empty()) {
      return {last.begin, std::move(hint)};
    }
  }
  std::string message = "expected ";
  message += expected;
  message += ", found " + found_at(text, at);
  const std::string hint = leftover_hint(text, at, last);
  return {at, hint.empty() ? message : message + "; " + hint};
}

}  // namespace tiercel::condition
