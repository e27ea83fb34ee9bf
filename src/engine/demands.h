#pragma once

#include <map>
#include <set>
#include <string>

#include "tiercel/condition/expr.h"

namespace tiercel::engine {

/// What a condition demands of one field: that its text, or of a list some element, is one of
/// `exact`, begins with one of `prefixes` or holds one of `parts`. None of them: it can never hold.
struct Demand {
  condition::Term field;
  std::set<std::string> exact;
  std::set<std::string> prefixes;
  std::set<std::string> parts;
  /// Of a list, of every element. Two demands of some element each may be met by two of them.
  bool of_every = true;

  [[nodiscard]] std::size_t size() const { return exact.size() + prefixes.size() + parts.size(); }
  [[nodiscard]] bool is_exact() const { return prefixes.empty() && parts.empty(); }
};

/// By the field as the rule names it, argument included. Where the condition holds, every one
/// of these does; of a field that is not here nothing is known.
using Demands = std::map<std::string, Demand>;

/// Concluded from the tree: `and` has the demands of all its operands, `or` only those that each
/// operand has, with the texts of all; `not` turns one into the other (De Morgan). A negated
/// check demands nothing, since it also holds where the field is absent.
[[nodiscard]] Demands demands_of(const condition::Expr& condition);

}  // namespace tiercel::engine
