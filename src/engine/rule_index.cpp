#include "rule_index.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace tiercel::engine {

namespace {

// A table with more cells, or more rule numbers in all its cells, gives up its
// largest dimension, so that memory stays bounded whatever the rules name.
constexpr std::size_t kMostCells = std::size_t{1} << 18U;
constexpr std::size_t kMostEntries = std::size_t{1} << 22U;
// Kubernetes has four. With more, rules about any verb and resource have one list.
constexpr std::size_t kMostStages = 8;

}  // namespace

void RuleIndex::add(const condition::Expr& condition) {
  all_.push_back(static_cast<std::uint32_t>(all_.size()));
  demands_.push_back(demands_of(condition));
}

RuleIndex::Table RuleIndex::take_dimensions() {
  Table rules(demands_.size());
  for (std::uint32_t rule = 0; rule < rules.size(); ++rule) {
    rules[rule].rule = rule;
    for (std::size_t dimension = 0; dimension < kDimensions; ++dimension) {
      const auto demand = demands_[rule].find(std::string(kFields[dimension]));
      if (demand == demands_[rule].end() || !demand->second.is_exact()) {
        continue;
      }
      rules[rule].needs[dimension] = demand->second.exact;
      for (const std::string& value : demand->second.exact) {
        values_[dimension].add(value);
      }
    }
  }
  return rules;
}

void RuleIndex::limit_cells(Table& rules) {
  const auto cell_count = [this] {
    return (values_[0].size() + 1) * (values_[1].size() + 1) * (values_[2].size() + 1);
  };
  const auto entry_count = [this, &rules] {
    std::size_t entries = 0;
    for (const Row& row : rules) {
      std::size_t cells_of_rule = 1;
      for (std::size_t dimension = 0; dimension < kDimensions; ++dimension) {
        const Needs& wanted = row.needs[dimension];
        cells_of_rule *= wanted ? wanted->size() : values_[dimension].size() + 1;
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
    for (Row& row : rules) {
      row.needs[dimension].reset();
    }
  }
}

RuleIndex::Table RuleIndex::take_broad(Table& rules) {
  const auto is_broad = [](const Row& row) { return !row.needs[1] && !row.needs[2]; };
  if (static_cast<std::size_t>(std::count_if(rules.begin(), rules.end(), is_broad)) <
      RuleSplit::kFewest) {
    return {};
  }
  const auto middle = std::stable_partition(rules.begin(), rules.end(),
                                            [&](const Row& row) { return !is_broad(row); });
  Table broad(std::make_move_iterator(middle), std::make_move_iterator(rules.end()));
  rules.erase(middle, rules.end());
  return broad;
}

void RuleIndex::fill_broad(const Table& rules) {
  if (rules.empty()) {
    return;
  }
  const auto first = static_cast<std::uint32_t>(lists_.size());
  const std::size_t stages = values_[0].size() + 1;
  const bool is_split = stages <= kMostStages;
  lists_.resize(first + (is_split ? stages : 1));
  for (std::size_t stage = 0; stage < stages; ++stage) {
    broad_.push_back(first + static_cast<std::uint32_t>(is_split ? stage : 0));
  }
  for (const Row& row : rules) {
    if (is_split && row.needs[0]) {
      for (const std::string& stage : *row.needs[0]) {
        lists_[broad_[values_[0].find(stage) + 1]].push_back(row.rule);
      }
      continue;
    }
    for (std::size_t list = first; list < lists_.size(); ++list) {
      lists_[list].push_back(row.rule);
    }
  }
}

// One rule at a time is entered into the cells it can match; cells that end with
// the same list share it.
void RuleIndex::fill_cells(const Table& rules) {
  const std::array<std::size_t, kDimensions> sizes{values_[0].size() + 1, values_[1].size() + 1,
                                                   values_[2].size() + 1};
  std::vector<std::vector<std::uint32_t>> cells(sizes[0] * sizes[1] * sizes[2]);
  for (const Row& row : rules) {
    std::array<std::vector<std::size_t>, kDimensions> at;
    for (std::size_t dimension = 0; dimension < kDimensions; ++dimension) {
      const Needs& wanted = row.needs[dimension];
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
          cells[(stage * sizes[1] + verb) * sizes[2] + resource].push_back(row.rule);
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
}

void RuleIndex::split_long_lists(audit::FieldSet& fields) {
  // Texts are all that can be looked up; numbers and times are compared by value.
  std::map<std::string, std::optional<audit::FieldId>> ids;
  const auto id_of = [&](const std::string& name, const condition::Term& term) {
    const auto [known, is_new] = ids.try_emplace(name);
    if (is_new) {
      auto reference = audit::resolve_field(term.name, term.argument, term.argument_quoted);
      if (reference && reference->field->shape.type == base::ValueType::kText) {
        known->second = fields.add(std::move(*reference));
      }
    }
    return known->second;
  };
  std::vector<RuleDemands> demands(demands_.size());
  for (std::size_t rule = 0; rule < demands.size(); ++rule) {
    for (auto& [name, demand] : demands_[rule]) {
      if (const auto field = id_of(name, demand.field)) {
        demands[rule].push_back({*field, std::move(demand)});
      }
    }
  }
  PartIndexes parts(demands);
  std::size_t budget = kMostEntries;
  splits_.reserve(lists_.size());
  for (const std::vector<std::uint32_t>& list : lists_) {
    splits_.push_back(RuleSplit::make(list, demands, parts, budget));
  }
  parts.finish();
}

void RuleIndex::build(audit::FieldSet& fields) {
  for (std::size_t dimension = 0; dimension < kDimensions; ++dimension) {
    auto reference = audit::resolve_field(kFields[dimension], std::nullopt, false);
    ids_[dimension] = fields.add(std::move(reference.value()));
  }
  Table rules = take_dimensions();
  Table broad = take_broad(rules);
  limit_cells(rules);
  if (values_[0].empty()) {
    for (Row& row : broad) {
      row.needs[0].reset();  // stages were given up
    }
  }
  fill_cells(rules);
  fill_broad(broad);
  split_long_lists(fields);
  demands_ = {};
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

void RuleIndex::add_candidates(std::uint32_t list, audit::FieldMap& map,
                               RuleSplit::Scratch& scratch) const {
  if (splits_[list] != nullptr) {
    splits_[list]->find(map, scratch);
  } else {
    scratch.rules.insert(scratch.rules.end(), lists_[list].begin(), lists_[list].end());
  }
}

std::span<const std::uint32_t> RuleIndex::candidates(audit::FieldMap& map,
                                                     RuleSplit::Scratch& scratch) const {
  const std::size_t stage = value_id(0, map);
  const std::size_t verb = value_id(1, map);
  const std::size_t resource = value_id(2, map);
  const std::size_t cell =
      (stage * (values_[1].size() + 1) + verb) * (values_[2].size() + 1) + resource;
  const std::uint32_t list = cells_[cell];
  scratch.rules.clear();
  if (!broad_.empty()) {
    add_candidates(broad_[stage], map, scratch);
  }
  if (scratch.rules.empty() && splits_[list] == nullptr) {
    return lists_[list];
  }
  add_candidates(list, map, scratch);
  keep_once(scratch.rules);
  return scratch.rules;
}

}  // namespace tiercel::engine
