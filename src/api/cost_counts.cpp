#include "tiercel/api/cost_counts.h"

#include <algorithm>

namespace tiercel::api {

namespace {

// A sum can fall by some nanoseconds: parts of a few are measured as less than none.
std::uint64_t more(std::uint64_t now, std::uint64_t before) { return now - std::min(now, before); }

CostCounts::Cost more(const CostCounts::Cost& now, const CostCounts::Cost& before) {
  return {more(now.times, before.times), more(now.nanoseconds, before.nanoseconds)};
}

}  // namespace

CostCounts CostCounts::of(const engine::RuleSet& rules) {
  const engine::RuleCosts& costs = rules.costs();
  CostCounts counts = none(rules);
  for (std::size_t rule = 0; rule < counts.rules.size(); ++rule) {
    counts.matches[rule] = costs.matches(rule);
    counts.rules[rule] = costs.of_rule(rule);
  }
  for (std::size_t check = 0; check < counts.checks.size(); ++check) {
    counts.checks[check] = {costs.of_predicate(check), costs.held(check), costs.slow(check)};
  }
  counts.events = costs.of_events();
  counts.index = costs.of_index();
  return counts;
}

CostCounts CostCounts::none(const engine::RuleSet& rules) {
  CostCounts counts;
  counts.matches.resize(rules.rules().size());
  counts.rules.resize(rules.rules().size());
  counts.checks.resize(rules.predicate_count());
  return counts;
}

CostCounts CostCounts::since(const CostCounts& older) const {
  CostCounts counts = *this;
  for (std::size_t rule = 0; rule < rules.size(); ++rule) {
    counts.matches[rule] = more(matches[rule], older.matches[rule]);
    counts.rules[rule] = more(rules[rule], older.rules[rule]);
  }
  for (std::size_t check = 0; check < checks.size(); ++check) {
    const Check& before = older.checks[check];
    counts.checks[check] = {more(checks[check].cost, before.cost),
                            more(checks[check].held, before.held),
                            more(checks[check].slow, before.slow)};
  }
  counts.events = more(events, older.events);
  counts.index = more(index, older.index);
  return counts;
}

}  // namespace tiercel::api
