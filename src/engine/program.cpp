#include "program.h"

#include <algorithm>
#include <ranges>

namespace tiercel::engine {

// The recursion is as deep as the tree, which the parser and the macro expansion
// bound (rules::Loader refuses deeper ones with a diagnostic).
// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth limit of conditions.
std::uint32_t Program::add(const condition::Expr& expr, const PredicateOf& predicates,
                           std::uint32_t on_true, std::uint32_t on_false) {
  using Kind = condition::Expr::Kind;
  switch (expr.kind) {
    case Kind::kCheck: {
      instructions_.push_back({predicates.at(&expr), on_true, on_false});
      return static_cast<std::uint32_t>(instructions_.size() - 1);
    }
    case Kind::kNot:
      return add(*expr.operands.front(), predicates, on_false, on_true);
    case Kind::kAnd:
    case Kind::kOr: {
      // From the last operand to the first, so that each knows where the next begins.
      std::uint32_t next = expr.kind == Kind::kAnd ? on_true : on_false;
      for (auto it = expr.operands.rbegin(); it != expr.operands.rend(); ++it) {
        next = expr.kind == Kind::kAnd ? add(**it, predicates, next, on_false)
                                       : add(**it, predicates, on_true, next);
      }
      return next;
    }
    case Kind::kMacro:
      break;  // macros are gone after rules::expand_macros
  }
  return kNoMatch;
}

Program Program::compile(const condition::Expr& root, const PredicateOf& predicates) {
  Program program;
  const std::uint32_t start = program.add(root, predicates, kMatch, kNoMatch);
  // Turned round, the first check stands first and all jumps go forward.
  const auto last = static_cast<std::uint32_t>(program.instructions_.size()) - 1;
  const auto turn = [last](std::uint32_t at) { return at >= kNoMatch ? at : last - at; };
  std::reverse(program.instructions_.begin(), program.instructions_.end());
  for (Instruction& instruction : program.instructions_) {
    instruction.on_true = turn(instruction.on_true);
    instruction.on_false = turn(instruction.on_false);
  }
  program.start_ = turn(start);
  return program;
}

}  // namespace tiercel::engine
