#include "tiercel/condition/parser.h"

#include <limits>
#include <memory>
#include <utility>

#include "parser_impl.h"

// The functions below call one another as the grammar does; DepthGuard bounds it.
// NOLINTBEGIN(misc-no-recursion)

namespace tiercel::condition {

namespace {

ExprPtr make_expr(Expr::Kind kind, std::vector<ExprPtr> operands, Place place) {
  auto expr = std::make_shared<Expr>();
  expr->kind = kind;
  expr->operands = std::move(operands);
  expr->place = place;
  return expr;
}

ExprPtr make_negation(ExprPtr child, Place place) {
  std::vector<ExprPtr> operands;
  operands.push_back(std::move(child));
  return make_expr(Expr::Kind::kNot, std::move(operands), place);
}

constexpr std::string_view kStartOfCheck = "a field, a macro name, `not` or `(`";

}  // namespace

std::nullptr_t Parser::fail(std::size_t offset, std::string message) {
  if (!failed()) {
    error_ = {"syntax", std::move(message), place(offset)};
  }
  return nullptr;
}

std::nullptr_t Parser::fail_expected(std::string_view expected, std::string_view hint) {
  std::string message = "expected ";
  message += expected;
  message += ", found " + found_at(lexer_.text(), lexer_.at());
  if (!hint.empty()) {
    message += "; ";
    message += hint;
  }
  return fail(lexer_.at(), std::move(message));
}

std::nullptr_t Parser::fail_too_deep() {
  if (!failed()) {
    error_ = {"too_deep",
              "the condition is nested too deep: 198 pairs of parentheses within one another "
              "are the most; split it into macros",
              place(lexer_.at())};
  }
  return nullptr;
}

std::nullptr_t Parser::fail_leftover(std::string_view expected) {
  Leftover leftover = explain_leftover(lexer_.text(), lexer_.at(), last_, expected);
  return fail(leftover.offset, std::move(leftover.message));
}

ExprPtr Parser::whole() {
  lexer_.blank();
  if (lexer_.at_end()) {
    return fail(lexer_.at(), "the condition is empty");
  }
  ExprPtr tree = chain(Expr::Kind::kOr);
  if (tree == nullptr) {
    return nullptr;
  }
  lexer_.blank();
  if (!lexer_.at_end()) {
    return fail_leftover("`and`, `or` or the end of the condition");
  }
  return tree;
}

ExprPtr Parser::chain_operand(Expr::Kind kind) {
  return kind == Expr::Kind::kOr ? chain(Expr::Kind::kAnd) : not_expr();
}

ExprPtr Parser::chain(Expr::Kind kind) {
  const DepthGuard guard(depth_);
  if (guard.too_deep()) {
    return fail_too_deep();
  }
  const std::string_view word = kind == Expr::Kind::kOr ? "or" : "and";
  lexer_.blank();
  const Place start = place(lexer_.at());
  std::vector<ExprPtr> operands;
  ExprPtr operand = chain_operand(kind);
  while (operand != nullptr) {
    operands.push_back(std::move(operand));
    lexer_.blank();
    const std::size_t word_at = lexer_.at();
    if (!lexer_.take(word)) {
      return operands.size() == 1 ? operands.front() : make_expr(kind, std::move(operands), start);
    }
    const std::size_t after = lexer_.at();
    if (lexer_.blank()) {
      operand = chain_operand(kind);
    } else if (lexer_.take("(")) {
      operand = in_parentheses(after);
    } else if (lexer_.at_end()) {
      return fail(after, "nothing follows `" + std::string(word) + "`");
    } else {
      return fail(word_at, "expected a blank or `(` after `" + std::string(word) + "`, found " +
                               found_at(lexer_.text(), after));
    }
  }
  return nullptr;
}

ExprPtr Parser::not_expr() {
  const DepthGuard guard(depth_);
  if (guard.too_deep()) {
    return fail_too_deep();
  }
  lexer_.blank();
  const Place start = place(lexer_.at());
  bool negated = false;
  std::size_t mark = lexer_.at();
  while (lexer_.take("not") && lexer_.blank()) {
    negated = !negated;
    mark = lexer_.at();
  }
  lexer_.rewind(mark);
  ExprPtr child;
  if (lexer_.take("not(")) {
    negated = !negated;
    child = in_parentheses(lexer_.at() - 1);
  } else {
    child = check();
  }
  return child == nullptr || !negated ? child : make_negation(std::move(child), start);
}

ExprPtr Parser::in_parentheses(std::size_t opened) {
  const DepthGuard guard(depth_);
  if (guard.too_deep()) {
    return fail_too_deep();
  }
  lexer_.blank();
  if (lexer_.peek() == ')' && !failed()) {
    return fail_expected(kStartOfCheck, "the parentheses are empty");
  }
  ExprPtr inner = chain(Expr::Kind::kOr);
  if (inner == nullptr) {
    return nullptr;
  }
  lexer_.blank();
  if (lexer_.take(")")) {
    last_ = {};
    return inner;
  }
  if (lexer_.at_end()) {
    return fail(lexer_.at(), "expected `)`, found the end of the condition; the `(` at byte " +
                                 std::to_string(opened) + " is not closed");
  }
  return fail_leftover("`and`, `or` or `)`");
}

ExprPtr Parser::check() {
  const DepthGuard guard(depth_);
  if (guard.too_deep()) {
    return fail_too_deep();
  }
  lexer_.blank();
  const std::size_t start = lexer_.at();
  if (lexer_.take("(")) {
    return in_parentheses(start);
  }
  const DepthGuard leaf(depth_);
  if (leaf.too_deep()) {
    return fail_too_deep();
  }
  if (std::optional<Term> left = field_or_call()) {
    return test(std::move(*left), place(start));
  }
  if (failed()) {
    return nullptr;
  }
  if (const auto name = lexer_.identifier()) {
    remember(LastRead::Kind::kMacro, start);
    auto expr = std::make_shared<Expr>();
    expr->kind = Expr::Kind::kMacro;
    expr->macro = std::string(*name);
    expr->place = place(start);
    return expr;
  }
  if (lexer_.number() || lexer_.peek() == '"' || lexer_.peek() == '\'') {
    lexer_.rewind(start);
    return fail_expected(kStartOfCheck, "a constant may stand only right of an operator");
  }
  return fail_expected(kStartOfCheck);
}

ExprPtr Parser::test(Term left, Place start) {
  lexer_.blank();
  const std::size_t op_at = lexer_.at();
  Check check;
  check.place = start;
  check.left = std::move(left);
  for (const Operator& op : operators()) {
    if (lexer_.take(op.name)) {
      check.op = &op;
      break;
    }
  }
  if (check.op == nullptr) {
    return fail_expected("an operator (`=`, `!=`, `in`, `contains`, `startswith`, `exists`, …)",
                         operator_hint(lexer_.text(), op_at));
  }
  const bool after_blank = lexer_.blank();
  if (check.op->needs_blank && !after_blank) {
    return fail_expected("a blank after `" + std::string(check.op->name) + "`");
  }
  last_ = {};
  if (!right_side(check, after_blank)) {
    return nullptr;
  }
  auto expr = std::make_shared<Expr>();
  expr->kind = Expr::Kind::kCheck;
  expr->place = start;
  expr->check = std::move(check);
  return expr;
}

ParseResult parse(std::string_view text, std::uint32_t text_number) {
  ParseResult result;
  if (text.size() > std::numeric_limits<std::uint32_t>::max()) {
    result.error = {"syntax", "the condition is longer than 4 GiB", {text_number, 0}};
    return result;
  }
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    result.error = {
        "syntax", "the condition holds a NUL byte", {text_number, static_cast<std::uint32_t>(nul)}};
    return result;
  }
  Parser parser(text, text_number);
  result.tree = parser.whole();
  if (result.tree == nullptr) {
    result.error = parser.error();
  }
  return result;
}

TermPrefix parse_term_prefix(std::string_view text) {
  TermPrefix prefix;
  Parser parser(text, 0);
  std::optional<Term> term = parser.field_or_call();
  if (term) {
    prefix.length = parser.at();
    prefix.term = std::move(*term);
    return prefix;
  }
  // An argument that does not parse is not part of the term.
  Parser name_only(text, 0);
  term = name_only.field_without_argument();
  if (term) {
    prefix.length = name_only.at();
    prefix.term = std::move(*term);
  }
  return prefix;
}

bool is_term(std::string_view text) {
  const TermPrefix prefix = parse_term_prefix(text);
  return prefix.length != 0 && prefix.length == text.size();
}

}  // namespace tiercel::condition

// NOLINTEND(misc-no-recursion)
