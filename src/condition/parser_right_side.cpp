#include <array>
#include <utility>

#include "parser_impl.h"

// The functions below call one another as the grammar does; DepthGuard bounds it.
// NOLINTBEGIN(misc-no-recursion)

namespace tiercel::condition {

namespace {

struct ModifierWord {
  std::string_view word;
  Modifier modifier;
};

constexpr std::array kModifierWords{
    ModifierWord{"oneof", Modifier::kOneOf},
    ModifierWord{"anyof", Modifier::kAnyOf},
    ModifierWord{"allof", Modifier::kAllOf},
};

}  // namespace

bool Parser::right_side(Check& check, bool after_blank) {
  switch (check.op->form) {
    case OperandForm::kNone:
      // Blanks before what follows are read again by the caller.
      return true;
    case OperandForm::kNumber:
      return number_side(check);
    case OperandForm::kSingle:
      return single_side(check, after_blank);
    case OperandForm::kList:
      return list_side(check);
  }
  return false;
}

bool Parser::number_side(Check& check) {
  const std::size_t start = lexer_.at();
  if (const auto number = lexer_.number()) {
    check.values.push_back({std::string(*number), false, place(start)});
    remember(LastRead::Kind::kNumber, start);
    return true;
  }
  check.right = right_term();
  if (!check.right) {
    const bool quoted = lexer_.peek() == '"' || lexer_.peek() == '\'';
    fail_expected(
        "a number, val(field) or a transformer after `" + std::string(check.op->name) + "`",
        quoted                 ? "a number must stand without quotes"
        : lexer_.peek() == '>' ? "write `!=` instead of `<>`"
                               : "");
  }
  return check.right.has_value();
}

bool Parser::single_side(Check& check, bool after_blank) {
  if (after_blank && check.op->takes_modifier) {
    if (modifier(check)) {
      return true;
    }
    if (failed()) {
      return false;
    }
  }
  check.right = right_term();
  if (check.right || failed()) {
    return !failed();
  }
  const std::size_t start = lexer_.at();
  std::optional<Constant> constant = item();
  if (!constant) {
    const std::string op(check.op->name);
    const char next = lexer_.peek();
    std::string hint;
    if (next == '(') {
      hint = "for several values write `in (…)` or `" + op + " anyof (…)`";
    } else if (next == '=' && check.op->name.ends_with('=')) {
      hint = "the operator is `=` or `==`";
    } else if (next == '=' || next == ',' || next == ')') {
      hint = "a value with `( ) , =` in it must stand in quotes";
    }
    fail_expected("a value after `" + op + "`", hint);
    return false;
  }
  remember(constant->quoted ? LastRead::Kind::kQuoted : LastRead::Kind::kBare, start);
  check.values.push_back(std::move(*constant));
  return true;
}

// The reading as a modifier holds only if a blank and then `(` or a name follow
// that is no keyword; `oneof` is an ordinary value otherwise.
bool Parser::modifier(Check& check) {
  const std::size_t start = lexer_.at();
  for (const ModifierWord& row : kModifierWords) {
    if (!lexer_.take(row.word) || !lexer_.blank()) {
      lexer_.rewind(start);
      continue;
    }
    const std::size_t after = lexer_.at();
    if (lexer_.peek() == '(') {
      check.modifier = row.modifier;
      return list(check);
    }
    const auto name = lexer_.identifier();
    if (name && *name != "and" && *name != "or" && *name != "not") {
      check.modifier = row.modifier;
      check.values.push_back({std::string(*name), false, place(after)});
      remember(LastRead::Kind::kListItem, after);
      return true;
    }
    lexer_.rewind(start);
    return false;
  }
  return false;
}

bool Parser::list_side(Check& check) {
  if (lexer_.peek() == '(') {
    return list(check);
  }
  check.right = right_term();
  if (check.right || failed()) {
    return !failed();
  }
  const std::size_t start = lexer_.at();
  if (const auto name = lexer_.identifier()) {
    check.values.push_back({std::string(*name), false, place(start)});
    remember(LastRead::Kind::kListItem, start);
    return true;
  }
  const std::string op(check.op->name);
  std::string hint;
  if (const std::optional<Constant> constant = item()) {
    const auto written = lexer_.text().substr(start, lexer_.at() - start);
    hint = "write `" + op + " (" + std::string(written) + ")`";
  }
  lexer_.rewind(start);
  fail_expected("`(` after `" + op + "`", hint);
  return false;
}

bool Parser::list(Check& check) {
  const std::size_t opened = lexer_.at();
  lexer_.take("(");
  lexer_.blank();
  if (lexer_.take(")")) {
    return true;
  }
  do {
    lexer_.blank();
    const std::size_t start = lexer_.at();
    std::optional<Constant> constant = item();
    if (!constant) {
      const bool after_comma = !check.values.empty();
      const char next = lexer_.peek();
      fail_expected(after_comma ? "a value after the comma" : "a value or `)`",
                    next == ')'   ? "the last comma must go"
                    : next == ',' ? "the empty text is written \"\""
                    : next == '=' ? "a value with `( ) , =` in it must stand in quotes"
                                  : "");
      return false;
    }
    remember(LastRead::Kind::kListItem, start);
    check.values.push_back(std::move(*constant));
    lexer_.blank();
  } while (lexer_.take(","));
  if (lexer_.take(")")) {
    last_ = {};
    return true;
  }
  if (lexer_.at_end()) {
    fail(lexer_.at(), "expected `,` or `)`, found the end of the condition; the `(` at byte " +
                          std::to_string(opened) + " is not closed");
  } else {
    fail_leftover("`,` or `)`");
  }
  return false;
}

std::optional<Constant> Parser::item() {
  const std::size_t start = lexer_.at();
  if (lexer_.peek() == '"' || lexer_.peek() == '\'') {
    std::optional<std::string> text = quoted_text();
    if (!text) {
      return std::nullopt;
    }
    return Constant{std::move(*text), true, place(start)};
  }
  if (const auto bare = lexer_.bare_value()) {
    return Constant{std::string(*bare), false, place(start)};
  }
  return std::nullopt;
}

std::optional<Term> Parser::right_term() {
  const std::size_t start = lexer_.at();
  if (!lexer_.take("val(")) {
    std::optional<Term> term = call();
    if (term) {
      remember(LastRead::Kind::kNothing, start);
    }
    return term;
  }
  lexer_.blank();
  std::optional<Term> field = field_without_argument();
  if (!field) {
    fail_expected("a field inside val()");
    return std::nullopt;
  }
  if (lexer_.peek() == '[' && !argument(*field)) {
    return std::nullopt;
  }
  lexer_.blank();
  if (!lexer_.take(")")) {
    fail_expected("`)` after the field inside val()");
    return std::nullopt;
  }
  return field;
}

}  // namespace tiercel::condition

// NOLINTEND(misc-no-recursion)
