#include <utility>

#include "tiercel/condition/transformer.h"

#include "parser_impl.h"

// The functions below call one another as the grammar does; DepthGuard bounds it.
// NOLINTBEGIN(misc-no-recursion)

namespace tiercel::condition {

std::optional<Term> Parser::field_without_argument() {
  const std::size_t start = lexer_.at();
  const auto name = lexer_.field_name();
  if (!name) {
    return std::nullopt;
  }
  Term term;
  term.kind = Term::Kind::kField;
  term.name = std::string(*name);
  term.place = place(start);
  return term;
}

std::optional<Term> Parser::field_or_call() {
  std::optional<Term> term = field_without_argument();
  if (!term) {
    return call();
  }
  if (lexer_.peek() == '[' && !argument(*term)) {
    return std::nullopt;
  }
  return term;
}

bool Parser::argument(Term& term) {
  lexer_.take("[");
  const char first = lexer_.peek();
  if (first == '"' || first == '\'') {
    term.argument = quoted_text();
    term.argument_quoted = true;
  } else if (const auto bare = lexer_.bare_argument()) {
    term.argument = std::string(*bare);
  } else {
    fail_expected("an argument between `[` and `]`", first == ']'
                                                         ? "the empty argument is written `[\"\"]`"
                                                         : "no blank may stand there");
  }
  if (failed()) {
    return false;
  }
  if (!lexer_.take("]")) {
    fail_expected("`]` after the argument",
                  is_white_space(lexer_.peek()) ? "no blank may stand there" : "");
    return false;
  }
  return true;
}

std::optional<std::string> Parser::quoted_text() {
  QuotedText found = lexer_.quoted();
  switch (found.outcome) {
    case QuotedText::Outcome::kOk:
      return std::move(found.text);
    case QuotedText::Outcome::kNone:
      break;
    case QuotedText::Outcome::kUnterminated: {
      const bool hidden =
          lexer_.text().substr(found.problem).find("\\\\") != std::string_view::npos;
      fail(found.problem, std::string("the quoted text is not closed") +
                              (hidden ? "; a quote after a backslash does not close, not even "
                                        "after two: write a last backslash as \\x5c"
                                      : ""));
      break;
    }
    case QuotedText::Outcome::kBadEscape:
      fail(found.problem,
           "`" + std::string(lexer_.text().substr(found.problem, 2)) +
               "` is no escape; known are \\b \\f \\n \\r \\t \\/ \\xHH, \\\\ for a backslash, and "
               "the enclosing quote");
      break;
    case QuotedText::Outcome::kNul:
      fail(found.problem, "a value cannot hold a NUL byte");
      break;
  }
  return std::nullopt;
}

std::optional<Term> Parser::call() {
  const std::size_t start = lexer_.at();
  const auto name = lexer_.identifier();
  const Transformer* const transformer = name ? find_transformer(*name) : nullptr;
  if (transformer == nullptr || !lexer_.take("(")) {
    lexer_.rewind(start);
    return std::nullopt;
  }
  Term term;
  term.kind = Term::Kind::kCall;
  term.transformer = transformer;
  term.place = place(start);
  if (!call_arguments(term)) {
    return std::nullopt;
  }
  const Transformer* const with_option = find_transformer_with_option(*name);
  if (with_option != nullptr && lexer_.peek() == '[') {
    term.transformer = with_option;
    if (!argument(term)) {
      return std::nullopt;
    }
  }
  return term;
}

bool Parser::call_arguments(Term& call) {
  do {
    lexer_.blank();
    std::optional<Term> next = call_argument();
    if (!next) {
      return false;
    }
    call.operands.push_back(std::move(*next));
    lexer_.blank();
  } while (lexer_.take(","));
  if (!lexer_.take(")")) {
    fail_expected("`,` or `)` in the call of `" + std::string(call.transformer->name) + "`");
    return false;
  }
  return true;
}

std::optional<Term> Parser::call_argument() {
  const DepthGuard guard(depth_);
  if (guard.too_deep()) {
    fail_too_deep();
    return std::nullopt;
  }
  const std::size_t start = lexer_.at();
  if (lexer_.peek() == '(') {
    return argument_list();
  }
  Term term;
  term.place = place(start);
  if (lexer_.peek() == '"' || lexer_.peek() == '\'') {
    std::optional<std::string> text = quoted_text();
    if (!text) {
      return std::nullopt;
    }
    term.kind = Term::Kind::kText;
    term.name = std::move(*text);
    return term;
  }
  if (const auto number = lexer_.number()) {
    term.kind = Term::Kind::kNumber;
    term.name = std::string(*number);
    return term;
  }
  std::optional<Term> nested = field_or_call();
  if (!nested) {
    const bool is_word = lexer_.identifier().has_value();
    lexer_.rewind(start);
    fail_expected("a field, a transformer, a number or a quoted text",
                  is_word ? "a constant must stand in quotes here" : "");
  }
  return nested;
}

std::optional<Term> Parser::argument_list() {
  Term list;
  list.kind = Term::Kind::kList;
  list.place = place(lexer_.at());
  lexer_.take("(");
  lexer_.blank();
  if (lexer_.take(")")) {
    return list;
  }
  do {
    lexer_.blank();
    if (lexer_.peek() == '(') {
      fail_expected("a field, a transformer, a number or a quoted text", "lists cannot be nested");
      return std::nullopt;
    }
    std::optional<Term> next = call_argument();
    if (!next) {
      return std::nullopt;
    }
    list.operands.push_back(std::move(*next));
    lexer_.blank();
  } while (lexer_.take(","));
  if (!lexer_.take(")")) {
    fail_expected("`,` or `)`");
    return std::nullopt;
  }
  return list;
}

}  // namespace tiercel::condition

// NOLINTEND(misc-no-recursion)
