#include "cost_findings.h"

#include <algorithm>
#include <numeric>

namespace tiercel::api {

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

std::string shortened(const std::string& text) {
  constexpr std::size_t kMost = 100;
  std::size_t length = std::min(text.size(), kMost);
  while (length > 0 && length < text.size() &&
         (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) {
    --length;
  }
  return length < text.size() ? text.substr(0, length) + "..." : text;
}

}  // namespace

CostFindings::CostFindings(const engine::RuleSet& rules, const CostFigures& figures)
    : rules_(rules),
      figures_(figures),
      words_(rules.rules().size()),
      slow_(words_.size()),
      noisy_(words_.size()),
      all_matches_(
          std::accumulate(figures.matches.begin(), figures.matches.end(), std::uint64_t{0})) {
  find_slow();
  for (std::uint32_t rule = 0; rule < words_.size(); ++rule) {
    find_costly(rule);
    find_noisy(rule);
  }
}

double CostFindings::rate(std::uint32_t rule) const {
  return static_cast<double>(figures_.matches[rule]) * 60 /
         std::max(figures_.matches_seconds, kLeastWindow);
}

void CostFindings::add(std::uint32_t rule, const std::string& words) {
  words_[rule] += (words_[rule].empty() ? "" : "; ") + words;
}

// Each slow check is named once: at the rule that pays most of those that ask it.
void CostFindings::find_slow() {
  const CostCounts& costs = figures_.lately;
  std::vector<std::uint32_t> slow;
  for (std::uint32_t at = 0; at < costs.checks.size(); ++at) {
    const CostCounts::Check& check = costs.checks[at];
    if (check.slow >= kFewestSlow && check.cost.mean() >= engine::kSlowNanoseconds &&
        share_of(check.cost.nanoseconds, costs.events.nanoseconds) >= kSlowShare) {
      slow.push_back(at);
    }
  }
  const auto uses = rules_.uses_of(slow);
  for (std::size_t at = 0; at < slow.size(); ++at) {
    const auto& users = uses[at].rules;
    const auto payer = std::max_element(users.begin(), users.end(), [&costs](auto a, auto b) {
      return costs.rules[a].nanoseconds < costs.rules[b].nanoseconds;
    });
    const CostCounts::Cost& cost = costs.checks[slow[at]].cost;
    std::string words = "slow: " + shortened(uses[at].text) + " takes " +
                        duration_text(cost.mean()) + " a check, " +
                        percent_text(share_of(cost.nanoseconds, costs.events.nanoseconds)) +
                        " of all checking";
    if (users.size() > 1) {
      words += ", asked by " + count_text(users.size()) + " rules";
    }
    add(*payer, words);
    slow_[*payer] = true;
  }
}

void CostFindings::find_costly(std::uint32_t rule) {
  const CostCounts::Cost& cost = figures_.lately.rules[rule];
  const double share = share_of(cost.nanoseconds, figures_.lately.events.nanoseconds);
  if (!slow_[rule] && cost.times >= kFewestTries && cost.mean() >= engine::kSlowNanoseconds &&
      share >= kCostlyShare) {
    add(rule, "costly: its checks take " + duration_text(cost.mean()) + " an event, " +
                  percent_text(share) + " of all checking");
    slow_[rule] = true;
  }
}

void CostFindings::find_noisy(std::uint32_t rule) {
  const double a_minute = rate(rule);
  const double share = a_minute == 0 ? 0 : share_of(figures_.matches[rule], all_matches_);
  if (a_minute >= kFloodAMinute || (a_minute >= kNoisyAMinute && share >= kNoisyShare)) {
    add(rule, "noisy: " + percent_text(share) + " of all alerts, " +
                  count_text(static_cast<std::uint64_t>(a_minute)) + " a minute");
    noisy_[rule] = true;
  }
}

}  // namespace tiercel::api
