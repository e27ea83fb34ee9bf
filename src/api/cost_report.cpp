#include "tiercel/api/cost_report.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "cost_findings.h"

namespace tiercel::api {

namespace {

// Without a limit: what else would be printed are thousands of checks of some nanoseconds.
constexpr std::size_t kMostChecks = 100;
// A macro can stand in all rules; so many of those that ask a check are named.
constexpr std::size_t kMostNames = 20;

// Numbers in the order of falling keys.
template <class Key>
std::vector<std::uint32_t> by_falling(const std::vector<Key>& keys) {
  std::vector<std::uint32_t> numbers(keys.size());
  std::iota(numbers.begin(), numbers.end(), 0U);
  std::stable_sort(numbers.begin(), numbers.end(),
                   [&keys](auto a, auto b) { return keys[a] > keys[b]; });
  return numbers;
}

void add_rules(CostReport& report, const engine::RuleSet& rules, const CostFigures& figures,
               std::size_t top) {
  const CostFindings findings(rules, figures);
  const CostCounts& costs = figures.all;
  // Before anything was measured: what matches.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> keys;
  for (std::uint32_t rule = 0; rule < costs.rules.size(); ++rule) {
    keys.emplace_back(costs.rules[rule].nanoseconds, costs.matches[rule]);
  }
  const std::vector<std::uint32_t> order = by_falling(keys);
  for (std::size_t at = 0; at < order.size(); ++at) {
    const std::uint32_t rule = order[at];
    if (top != 0 && at >= top && findings.of(rule).empty()) {
      continue;
    }
    CostReport::Rule& row = report.rules.emplace_back();
    row.name = rules.rules()[rule].meta.name;
    row.matches = costs.matches[rule];
    row.matches_a_minute = findings.rate(rule);
    row.tried = costs.rules[rule].times;
    row.nanoseconds = costs.rules[rule].mean();
    row.share = share_of(costs.rules[rule].nanoseconds, costs.events.nanoseconds);
    row.finding = findings.of(rule);
    row.is_slow = findings.is_slow(rule);
    row.is_noisy = findings.is_noisy(rule);
  }
}

void add_checks(CostReport& report, const engine::RuleSet& rules, const CostCounts& costs,
                std::size_t top) {
  std::vector<std::uint64_t> keys;
  for (const CostCounts::Check& check : costs.checks) {
    keys.push_back(check.cost.nanoseconds);
  }
  std::vector<std::uint32_t> checks = by_falling(keys);
  std::erase_if(checks, [&costs](auto check) { return costs.checks[check].cost.times == 0; });
  checks.resize(std::min(checks.size(), top == 0 ? kMostChecks : top));
  const auto uses = rules.uses_of(checks);
  for (std::size_t at = 0; at < checks.size(); ++at) {
    const CostCounts::Check& check = costs.checks[checks[at]];
    CostReport::Check& row = report.checks.emplace_back();
    row.text = uses[at].text;
    row.evaluations = check.cost.times;
    row.held = check.held;
    row.nanoseconds = check.cost.mean();
    row.share = share_of(check.cost.nanoseconds, costs.events.nanoseconds);
    row.rule_count = uses[at].rules.size();
    for (const std::uint32_t rule : uses[at].rules) {
      if (row.rules.size() == kMostNames) {
        break;
      }
      row.rules.push_back(rules.rules()[rule].meta.name);
    }
  }
}

}  // namespace

double share_of(std::uint64_t of, std::uint64_t all) {
  return all == 0 ? 0 : std::min(static_cast<double>(of) / static_cast<double>(all), 1.0);
}

CostReport cost_report(const engine::RuleSet& rules, const CostFigures& figures, std::size_t top) {
  CostReport report;
  report.hash = rules.hash();
  report.sample_every = engine::RuleCosts::sample_every();
  report.events = figures.all.events.times;
  report.nanoseconds = figures.all.events.mean();
  report.index_share = share_of(figures.all.index.nanoseconds, figures.all.events.nanoseconds);
  report.rule_count = rules.rules().size();
  if (rules.memory() != 0) {
    report.memory = rules.memory();
  }
  add_rules(report, rules, figures, top);
  add_checks(report, rules, figures.all, top);
  return report;
}

}  // namespace tiercel::api
