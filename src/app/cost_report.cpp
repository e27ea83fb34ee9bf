#include "cost_report.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace tiercel::app {

namespace {

// A check is named when it takes kSlowNanoseconds in the mean, so much of all evaluating, and was
// seen to be slow so often: one measurement that the machine spoiled names nothing.
constexpr double kSlowShare = 0.1;
constexpr std::uint64_t kFewestSlow = 8;
// A rule whose checks are each quick enough, but all together are not.
constexpr double kCostlyShare = 0.25;
constexpr std::uint64_t kFewestTries = 32;
// More alerts a minute than one a second are read by nobody; ten a second drown all others.
constexpr double kNoisyAMinute = 60;
constexpr double kNoisyShare = 0.25;
constexpr double kFloodAMinute = 600;
// A burst of a few seconds is no rate: alerts are counted as of one minute at least.
constexpr double kLeastWindow = 60;
// Without a limit: what else would be printed are thousands of checks of some nanoseconds.
constexpr std::size_t kMostChecks = 100;
// A macro can stand in all rules; so many of those that ask a check are named.
constexpr std::size_t kMostNames = 20;

double as_double(std::uint64_t number) { return static_cast<double>(number); }

double part(std::uint64_t of, std::uint64_t all) {
  return all == 0 ? 0 : std::min(as_double(of) / as_double(all), 1.0);
}

// Numbers in the order of falling keys. The keys are copies: evaluators go on counting.
template <class Key>
std::vector<std::uint32_t> by_falling(const std::vector<Key>& keys) {
  std::vector<std::uint32_t> numbers(keys.size());
  std::iota(numbers.begin(), numbers.end(), 0U);
  std::stable_sort(numbers.begin(), numbers.end(),
                   [&keys](auto a, auto b) { return keys[a] > keys[b]; });
  return numbers;
}

std::string shortened(const std::string& text) {
  constexpr std::size_t kMost = 100;
  std::size_t length = std::min(text.size(), kMost);
  while (length > 0 && length < text.size() &&
         (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) {
    --length;
  }
  return length < text.size() ? text.substr(0, length) + "..." : text;
}

class Findings {
 public:
  Findings(const engine::RuleSet& rules, const RecentMatches& recent)
      : rules_(rules), costs_(rules.costs()), recent_(recent), words_(rules.rules().size()) {
    all_nanoseconds_ = costs_.of_events().nanoseconds;
    for (const std::uint64_t matches : recent.matches) {
      all_matches_ += matches;
    }
    find_slow();
    for (std::uint32_t rule = 0; rule < words_.size(); ++rule) {
      find_costly(rule);
      find_noisy(rule);
    }
  }

  [[nodiscard]] std::string take(std::uint32_t rule) { return std::move(words_[rule]); }
  [[nodiscard]] bool has(std::uint32_t rule) const { return !words_[rule].empty(); }
  [[nodiscard]] double a_minute(std::uint32_t rule) const {
    return rule < recent_.matches.size()
               ? as_double(recent_.matches[rule]) * 60 / std::max(recent_.seconds, kLeastWindow)
               : 0;
  }

 private:
  void add(std::uint32_t rule, const std::string& words) {
    words_[rule] += (words_[rule].empty() ? "" : "; ") + words;
  }

  // Each slow check is named once: at the rule that pays most of those that ask it.
  void find_slow() {
    std::vector<std::uint32_t> slow;
    for (std::uint32_t at = 0; at < rules_.predicate_count(); ++at) {
      const engine::RuleCosts::Cost cost = costs_.of_predicate(at);
      if (costs_.slow(at) >= kFewestSlow && cost.mean() >= engine::kSlowNanoseconds &&
          part(cost.nanoseconds, all_nanoseconds_) >= kSlowShare) {
        slow.push_back(at);
      }
    }
    const auto uses = rules_.uses_of(slow);
    for (std::size_t at = 0; at < slow.size(); ++at) {
      const auto& users = uses[at].rules;
      const auto payer = std::max_element(users.begin(), users.end(), [this](auto a, auto b) {
        return costs_.of_rule(a).nanoseconds < costs_.of_rule(b).nanoseconds;
      });
      const engine::RuleCosts::Cost cost = costs_.of_predicate(slow[at]);
      std::string words = "slow: " + shortened(uses[at].text) + " takes " +
                          duration_text(cost.mean()) + " a check, " +
                          percent_text(part(cost.nanoseconds, all_nanoseconds_)) +
                          " of all checking";
      if (users.size() > 1) {
        words += ", asked by " + count_text(users.size()) + " rules";
      }
      add(*payer, words);
    }
  }

  void find_costly(std::uint32_t rule) {
    const engine::RuleCosts::Cost cost = costs_.of_rule(rule);
    const double share = part(cost.nanoseconds, all_nanoseconds_);
    if (!has(rule) && cost.times >= kFewestTries && cost.mean() >= engine::kSlowNanoseconds &&
        share >= kCostlyShare) {
      add(rule, "costly: its checks take " + duration_text(cost.mean()) + " an event, " +
                    percent_text(share) + " of all checking");
    }
  }

  void find_noisy(std::uint32_t rule) {
    const double rate = a_minute(rule);
    const double share = rate == 0 ? 0 : part(recent_.matches[rule], all_matches_);
    if (rate >= kFloodAMinute || (rate >= kNoisyAMinute && share >= kNoisyShare)) {
      add(rule, "noisy: " + percent_text(share) + " of all alerts, " +
                    count_text(static_cast<std::uint64_t>(rate)) + " a minute");
    }
  }

  const engine::RuleSet& rules_;
  const engine::RuleCosts& costs_;
  const RecentMatches& recent_;
  std::vector<std::string> words_;
  std::uint64_t all_nanoseconds_ = 0;
  std::uint64_t all_matches_ = 0;
};

void add_rules(CostReport& report, const engine::RuleSet& rules, const RecentMatches& recent,
               std::size_t top) {
  const engine::RuleCosts& costs = rules.costs();
  Findings findings(rules, recent);
  // Before anything was measured: what matches.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> keys;
  for (std::uint32_t rule = 0; rule < rules.rules().size(); ++rule) {
    keys.emplace_back(costs.of_rule(rule).nanoseconds, costs.matches(rule));
  }
  const std::vector<std::uint32_t> order = by_falling(keys);
  for (std::size_t at = 0; at < order.size(); ++at) {
    const std::uint32_t rule = order[at];
    if (top != 0 && at >= top && !findings.has(rule)) {
      continue;
    }
    const engine::RuleCosts::Cost cost = costs.of_rule(rule);
    CostReport::Rule& row = report.rules.emplace_back();
    row.name = rules.rules()[rule].meta.name;
    row.matches = costs.matches(rule);
    row.matches_a_minute = findings.a_minute(rule);
    row.tried = cost.times;
    row.nanoseconds = cost.mean();
    row.share = part(cost.nanoseconds, costs.of_events().nanoseconds);
    row.finding = findings.take(rule);
  }
}

void add_checks(CostReport& report, const engine::RuleSet& rules, std::size_t top) {
  const engine::RuleCosts& costs = rules.costs();
  std::vector<std::uint64_t> keys;
  for (std::uint32_t check = 0; check < rules.predicate_count(); ++check) {
    keys.push_back(costs.of_predicate(check).nanoseconds);
  }
  std::vector<std::uint32_t> checks = by_falling(keys);
  std::erase_if(checks, [&costs](auto check) { return costs.of_predicate(check).times == 0; });
  checks.resize(std::min(checks.size(), top == 0 ? kMostChecks : top));
  const auto uses = rules.uses_of(checks);
  for (std::size_t at = 0; at < checks.size(); ++at) {
    const engine::RuleCosts::Cost cost = costs.of_predicate(checks[at]);
    CostReport::Check& row = report.checks.emplace_back();
    row.text = uses[at].text;
    row.evaluations = cost.times;
    row.held = costs.held(checks[at]);
    row.nanoseconds = cost.mean();
    row.share = part(cost.nanoseconds, costs.of_events().nanoseconds);
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

CostReport cost_report(const engine::RuleSet& rules, const RecentMatches& recent, std::size_t top) {
  CostReport report;
  const engine::RuleCosts::Cost events = rules.costs().of_events();
  report.hash = rules.hash();
  report.events = events.times;
  report.nanoseconds = events.mean();
  report.index_share = part(rules.costs().of_index().nanoseconds, events.nanoseconds);
  report.rule_count = rules.rules().size();
  if (rules.memory() != 0) {
    report.memory = rules.memory();
  }
  add_rules(report, rules, recent, top);
  add_checks(report, rules, top);
  return report;
}

}  // namespace tiercel::app
