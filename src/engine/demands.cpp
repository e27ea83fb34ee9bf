#include "demands.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "tiercel/condition/operator.h"

namespace tiercel::engine {

namespace {

using condition::Check;
using condition::Expr;
using condition::Indexable;
using condition::Term;

Demands of_check(const Check& check) {
  if (check.left.kind != Term::Kind::kField || check.right ||
      check.modifier == condition::Modifier::kAllOf || check.op->indexable == Indexable::kNo) {
    return {};
  }
  Demand demand;
  demand.field = check.left;
  std::set<std::string>& texts = check.op->indexable == Indexable::kPrefix ? demand.prefixes
                                 : check.op->indexable == Indexable::kPart ? demand.parts
                                                                           : demand.exact;
  demand.of_every = check.op->indexable != Indexable::kSome;
  for (const condition::Constant& constant : check.values) {
    texts.insert(constant.text);
  }
  if (demand.prefixes.contains("") || demand.parts.contains("")) {
    return {};  // every text begins with nothing, and holds it
  }
  Demands demands;
  demands.emplace(condition::to_text(check.left), std::move(demand));
  return demands;
}

// Both hold. What every element is, and what some element is, some element is together; else
// either demand is true by itself, and the one with fewer texts tells more.
Demand both_of(Demand a, const Demand& b) {
  if (a.is_exact() && b.is_exact() && (a.of_every || b.of_every)) {
    std::set<std::string> both;
    std::set_intersection(a.exact.begin(), a.exact.end(), b.exact.begin(), b.exact.end(),
                          std::inserter(both, both.begin()));
    a.exact = std::move(both);
    a.of_every = a.of_every && b.of_every;
    return a;
  }
  const auto vagueness = [](const Demand& demand) {
    return std::tuple(!demand.parts.empty(), !demand.prefixes.empty(), demand.size());
  };
  if (vagueness(b) < vagueness(a)) {
    return b;
  }
  return a;
}

Demands all_of(Demands a, Demands&& b) {
  for (auto& [name, demand] : b) {
    const auto known = a.find(name);
    if (known == a.end()) {
      a.emplace(name, std::move(demand));
    } else {
      known->second = both_of(std::move(known->second), demand);
    }
  }
  return a;
}

Demands any_of(Demands&& a, Demands&& b) {
  Demands either;
  for (auto& [name, demand] : a) {
    const auto other = b.find(name);
    if (other != b.end()) {
      demand.exact.merge(other->second.exact);
      demand.prefixes.merge(other->second.prefixes);
      demand.parts.merge(other->second.parts);
      demand.of_every = demand.of_every && other->second.of_every;
      either.emplace(name, std::move(demand));
    }
  }
  return either;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth limit of conditions.
Demands of(const Expr& expr, bool negated) {
  switch (expr.kind) {
    case Expr::Kind::kCheck:
      return negated ? Demands{} : of_check(*expr.check);
    case Expr::Kind::kNot:
      return of(*expr.operands.front(), !negated);
    case Expr::Kind::kAnd:
    case Expr::Kind::kOr: {
      const bool all = (expr.kind == Expr::Kind::kAnd) != negated;
      Demands result = of(*expr.operands.front(), negated);
      for (std::size_t at = 1; at < expr.operands.size(); ++at) {
        Demands next = of(*expr.operands[at], negated);
        if (all) {
          result = all_of(std::move(result), std::move(next));
        } else {
          result = any_of(std::move(result), std::move(next));
        }
      }
      return result;
    }
    case Expr::Kind::kMacro:
      break;
  }
  return {};
}

}  // namespace

Demands demands_of(const Expr& condition) { return of(condition, false); }

}  // namespace tiercel::engine
