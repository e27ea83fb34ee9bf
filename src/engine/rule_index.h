#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/audit/field_map.h"
#include "tiercel/base/text_table.h"
#include "tiercel/condition/expr.h"

#include "demands.h"
#include "rule_split.h"

namespace tiercel::engine {

/// Which rules can match an event at all, from its stage, verb and resource.
///
/// From a rule's condition it concludes, for each of the three fields, the values
/// one of which the field must have for the rule to match (or that any will do). An
/// event's three values then name a cell, and each cell has its list of candidate
/// rules in evaluation order. Rules about any verb and resource would stand in nearly every
/// cell; where there are many, they have lists of their own, one a stage. A long list is split by
/// further fields (RuleSplit), those that tell its rules apart best. Cost per event: three
/// look-ups, and a few more where many rules are about such events; not the number of rules.
///
/// Contract: all add(), then build(), then const queries. `candidates` is a superset
/// of what matches; `all_rules` is the slow twin that the tests compare with.
/// Runs on: built on the main thread; immutable afterwards, any thread.
class RuleIndex {
 public:
  static constexpr std::size_t kDimensions = 3;
  static constexpr std::array<std::string_view, kDimensions> kFields{"ka.stage", "ka.verb",
                                                                     "ka.target.resource"};
  /// Takes the next rule in evaluation order.
  void add(const condition::Expr& condition);
  /// Fields go into `fields`, so that they are extracted like any other.
  void build(audit::FieldSet& fields);

  /// The numbers of the rules to try, in evaluation order. `scratch` may hold them.
  [[nodiscard]] std::span<const std::uint32_t> candidates(audit::FieldMap& map,
                                                          RuleSplit::Scratch& scratch) const;
  [[nodiscard]] std::span<const std::uint32_t> all_rules() const { return all_; }

 private:
  /// The values of one dimension that a rule can match; nothing: any.
  using Needs = std::optional<std::set<std::string>>;
  struct Row {
    std::uint32_t rule;
    std::array<Needs, kDimensions> needs;
  };
  using Table = std::vector<Row>;

  [[nodiscard]] Table take_dimensions();
  /// Takes the rules about any verb and resource out, where they are many.
  [[nodiscard]] static Table take_broad(Table& rules);
  void fill_broad(const Table& rules);
  void limit_cells(Table& rules);
  void fill_cells(const Table& rules);
  void split_long_lists(audit::FieldSet& fields);
  void add_candidates(std::uint32_t list, audit::FieldMap& map, RuleSplit::Scratch& scratch) const;
  [[nodiscard]] std::uint32_t value_id(std::size_t dimension, audit::FieldMap& map) const;

  std::vector<Demands> demands_;  // of each rule, until build()
  std::array<audit::FieldId, kDimensions> ids_{};
  std::array<base::TextTable, kDimensions> values_;  // their ids count from 1; 0 is any other
  std::vector<std::uint32_t> all_;
  // cells_[cell] → lists_[…]: many cells share a list.
  std::vector<std::uint32_t> cells_;
  // broad_[stage] → lists_[…]; empty: rules about any verb and resource are few.
  std::vector<std::uint32_t> broad_;
  std::vector<std::vector<std::uint32_t>> lists_;
  std::vector<std::unique_ptr<const RuleSplit>> splits_;  // of lists_[…]; null where it is short
};

}  // namespace tiercel::engine
