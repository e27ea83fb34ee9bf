#include "rule_index.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "tiercel/condition/operator.h"

namespace tiercel::engine {

namespace {

using condition::Check;
using condition::Expr;
using condition::Term;

// A table with more cells, or more rule numbers in all its cells, gives up its
// largest dimension, so that memory stays bounded whatever the rules name.
constexpr std::size_t kMostCells = std::size_t{1} << 18U;
constexpr std::size_t kMostEntries = std::size_t{1} << 22U;

// The values for which a single check on `field` holds, when it pins them down.
RuleIndex::Needs needs_of_check(const Check& check, std::string_view field) {
  if (check.left.kind != Term::Kind::kField || check.left.name != field || check.right) {
    return std::nullopt;
  }
  const bool one_of_values = check.op->indexable == condition::Indexable::kEqual &&
                             check.modifier != condition::Modifier::kAllOf;
  if (!one_of_values) {
    return std::nullopt;
  }
  std::set<std::string> values;
  for (const condition::Constant& constant : check.values) {
    values.insert(constant.text);
  }
  return values;
}

RuleIndex::Needs intersection(const RuleIndex::Needs& a, const RuleIndex::Needs& b) {
  if (!a) {
    return b;
  }
  if (!b) {
    return a;
  }
  std::set<std::string> both;
  std::set_intersection(a->begin(), a->end(), b->begin(), b->end(),
                        std::inserter(both, both.begin()));
  return both;
}

RuleIndex::Needs union_of(const RuleIndex::Needs& a, const RuleIndex::Needs& b) {
  if (!a || !b) {
    return std::nullopt;
  }
  std::set<std::string> either = *a;
  either.insert(b->begin(), b->end());
  return either;
}

// `negated` turns `and` into `or` and the reverse (De Morgan); a negated check pins
// nothing down, since it also holds where the field is absent.
// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth limit of conditions.
RuleIndex::Needs needs_of(const Expr& expr, std::string_view field, bool negated) {
  switch (expr.kind) {
    case Expr::Kind::kCheck:
      return negated ? std::nullopt : needs_of_check(*expr.check, field);
    case Expr::Kind::kNot:
      return needs_of(*expr.operands.front(), field, !negated);
    case Expr::Kind::kAnd:
    case Expr::Kind::kOr: {
      const bool all = (expr.kind == Expr::Kind::kAnd) != negated;
      RuleIndex::Needs result = needs_of(*expr.operands.front(), field, negated);
      for (std::size_t at = 1; at < expr.operands.size(); ++at) {
        const RuleIndex::Needs next = needs_of(*expr.operands[at], field, negated);
        result = all ? intersection(result, next) : union_of(result, next);
      }
      return result;
    }
    case Expr::Kind::kMacro:
      break;
  }
  return std::nullopt;
}

}  // namespace

RuleIndex::Needs RuleIndex::needs(const Expr& condition, std::string_view field) {
  return needs_of(condition, field, false);
}

void RuleIndex::add(const Expr& condition) {
  all_.push_back(static_cast<std::uint32_t>(rules_.size()));
  std::array<Needs, kDimensions> needs_here;
  for (std::size_t dimension = 0; dimension < kDimensions; ++dimension) {
    needs_here[dimension] = needs(condition, kFields[dimension]);
  }
  rules_.push_back(std::move(needs_here));
}

void RuleIndex::build(audit::FieldSet& fields) {
  for (std::size_t dimension = 0; dimension < kDimensions; ++dimension) {
    auto reference = audit::resolve_field(kFields[dimension], std::nullopt, false);
    ids_[dimension] = fields.add(std::move(reference.value()));
    for (const auto& rule : rules_) {
      if (rule[dimension]) {
        for (const std::string& value : *rule[dimension]) {
          values_[dimension].add(value);
        }
      }
    }
  }
  const auto cell_count = [this] {
    return (values_[0].size() + 1) * (values_[1].size() + 1) * (values_[2].size() + 1);
  };
  const auto entry_count = [this] {
    std::size_t entries = 0;
    for (const auto& rule : rules_) {
      std::size_t cells_of_rule = 1;
      for (std::size_t dimension = 0; dimension < kDimensions; ++dimension) {
        cells_of_rule *= rule[dimension] ? rule[dimension]->size() : values_[dimension].size() + 1;
      }
      entries += cells_of_rule;
    }
    return entries;
  };
  while (cell_count() > kMostCells || entry_count() > kMostEntries) {
    const auto largest =
        std::max_element(values_.begin(), values_.end(),
                         [](const auto& a, const auto& b) { return a.size() < b.size(); });
    const auto dimension = static_cast<std::size_t>(largest - values_.begin());
    if (largest->empty()) {
      break;
    }
    *largest = {};
    for (auto& rule : rules_) {
      rule[dimension].reset();
    }
  }

  // One rule at a time is entered into the cells it can match; cells that end with
  // the same list share it.
  std::vector<std::vector<std::uint32_t>> cells(cell_count());
  const std::array<std::size_t, kDimensions> sizes{values_[0].size() + 1, values_[1].size() + 1,
                                                   values_[2].size() + 1};
  for (std::uint32_t rule = 0; rule < rules_.size(); ++rule) {
    std::array<std::vector<std::size_t>, kDimensions> at;
    for (std::size_t dimension = 0; dimension < kDimensions; ++dimension) {
      const Needs& wanted = rules_[rule][dimension];
      if (wanted) {
        for (const std::string& value : *wanted) {
          at[dimension].push_back(values_[dimension].find(value) + 1);
        }
      } else {
        for (std::size_t id = 0; id < sizes[dimension]; ++id) {
          at[dimension].push_back(id);
        }
      }
    }
    for (const std::size_t stage : at[0]) {
      for (const std::size_t verb : at[1]) {
        for (const std::size_t resource : at[2]) {
          cells[(stage * sizes[1] + verb) * sizes[2] + resource].push_back(rule);
        }
      }
    }
  }
  std::map<std::vector<std::uint32_t>, std::uint32_t> known;
  cells_.reserve(cells.size());
  for (std::vector<std::uint32_t>& cell : cells) {
    const auto [it, is_new] =
        known.try_emplace(std::move(cell), static_cast<std::uint32_t>(lists_.size()));
    if (is_new) {
      lists_.push_back(it->first);
    }
    cells_.push_back(it->second);
  }
  rules_.clear();
  rules_.shrink_to_fit();
}

std::uint32_t RuleIndex::value_id(std::size_t dimension, audit::FieldMap& map) const {
  if (values_[dimension].empty()) {
    return 0;
  }
  const base::Value& value = map.get(ids_[dimension]);
  if (!value.is_text()) {
    return 0;
  }
  return values_[dimension].find(value.as_text()) + 1;  // kNone + 1 is 0
}

std::span<const std::uint32_t> RuleIndex::candidates(audit::FieldMap& map) const {
  const std::size_t stage = value_id(0, map);
  const std::size_t verb = value_id(1, map);
  const std::size_t resource = value_id(2, map);
  const std::size_t cell =
      (stage * (values_[1].size() + 1) + verb) * (values_[2].size() + 1) + resource;
  return lists_[cells_[cell]];
}

}  // namespace tiercel::engine
