#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/condition/operator.h"
#include "tiercel/condition/parser.h"

#include "lexer.h"

namespace tiercel::condition {

/// Counts how deep the parser has gone into itself, for as long as it lives.
/// Falco counts the same units: a pair of parentheses costs five (or, and, not,
/// check, the pair itself) and the innermost check one, so that 198 pairs load.
class DepthGuard {
 public:
  [[nodiscard]] explicit DepthGuard(int& depth) : depth_(depth) { ++depth_; }
  DepthGuard(const DepthGuard&) = delete;
  DepthGuard& operator=(const DepthGuard&) = delete;
  ~DepthGuard() { --depth_; }
  [[nodiscard]] bool too_deep() const { return depth_ >= kDepthLimit; }

  static constexpr int kDepthLimit = 1000;

 private:
  int& depth_;
};

/// What was read last before the cursor; hints about what follows depend on it.
struct LastRead {
  enum class Kind : std::uint8_t { kNothing, kMacro, kBare, kQuoted, kNumber, kListItem };
  Kind kind = Kind::kNothing;
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Recursive descent over the grammar in README.md. The first mistake ends it:
/// every function returns null, nothing or false then, and `error()` says why.
class Parser {
 public:
  Parser(std::string_view text, std::uint32_t text_number)
      : lexer_(text), text_number_(text_number) {}

  /// The whole text as one condition.
  [[nodiscard]] ExprPtr whole();
  /// A field with its argument, or a transformer call, at the cursor.
  [[nodiscard]] std::optional<Term> field_or_call();
  /// A field name alone.
  [[nodiscard]] std::optional<Term> field_without_argument();

  [[nodiscard]] std::size_t at() const { return lexer_.at(); }
  [[nodiscard]] bool failed() const { return !error_.code.empty(); }
  [[nodiscard]] const ParseError& error() const { return error_; }

 private:
  // parser.cpp: conditions
  ExprPtr chain(Expr::Kind kind);
  ExprPtr chain_operand(Expr::Kind kind);
  ExprPtr not_expr();
  ExprPtr in_parentheses(std::size_t opened);
  ExprPtr check();
  ExprPtr test(Term left, Place place);

  // parser_right_side.cpp: what stands right of an operator
  bool right_side(Check& check, bool after_blank);
  bool number_side(Check& check);
  bool single_side(Check& check, bool after_blank);
  bool list_side(Check& check);
  bool modifier(Check& check);
  bool list(Check& check);
  std::optional<Constant> item();
  std::optional<Term> right_term();

  // parser_terms.cpp: fields and transformer calls
  std::optional<Term> call();
  bool call_arguments(Term& call);
  std::optional<Term> call_argument();
  std::optional<Term> argument_list();
  bool argument(Term& term);
  std::optional<std::string> quoted_text();

  // What goes wrong.
  std::nullptr_t fail(std::size_t offset, std::string message);
  std::nullptr_t fail_expected(std::string_view expected, std::string_view hint = {});
  std::nullptr_t fail_too_deep();
  /// Something stands at the cursor that does not belong there.
  std::nullptr_t fail_leftover(std::string_view expected);

  [[nodiscard]] Place place(std::size_t offset) const {
    return {text_number_, static_cast<std::uint32_t>(offset)};
  }
  void remember(LastRead::Kind kind, std::size_t begin) { last_ = {kind, begin, lexer_.at()}; }

  Lexer lexer_;
  std::uint32_t text_number_;
  int depth_ = 0;
  LastRead last_;
  ParseError error_;
};

/// What is wrong with the text at `at`, where a condition could have ended, and what to
/// write instead. `expected` is what could have stood there.
struct Leftover {
  std::size_t offset = 0;
  std::string message;
};
[[nodiscard]] Leftover explain_leftover(std::string_view text, std::size_t at, const LastRead& last,
                                        std::string_view expected);
/// What stands at `at`, for messages: "`x`" or "the end of the condition".
[[nodiscard]] std::string found_at(std::string_view text, std::size_t at);
/// A hint about what stands where an operator was expected.
[[nodiscard]] std::string operator_hint(std::string_view text, std::size_t at);

}  // namespace tiercel::condition
