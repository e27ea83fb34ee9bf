#include "cost_watch.h"

#include <optional>
#include <utility>

namespace tiercel::app {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kWindow = 60 * kSecond;
constexpr std::int64_t kTellAgain = 3'600 * kSecond;
// The hour of rules that are gone by now need not be kept.
constexpr std::size_t kMostTold = 10'000;

std::vector<std::uint64_t> matches_of(const engine::RuleSet& rules) {
  std::vector<std::uint64_t> matches;
  matches.reserve(rules.rules().size());
  for (std::size_t rule = 0; rule < rules.rules().size(); ++rule) {
    matches.push_back(rules.costs().matches(rule));
  }
  return matches;
}

}  // namespace

CostWatch::CostWatch(const base::Snapshot<engine::RuleSet>& rules, base::Metrics& metrics,
                     const base::Clock& clock)
    : rules_(rules), metrics_(metrics), clock_(clock) {
  const base::MutexLock lock(mutex_);
  follow();
}

void CostWatch::follow() const {
  auto current = rules_.current();
  if (current == watched_.rules) {
    return;
  }
  const std::int64_t now = clock_.steady();
  const Mark begin{now, std::vector<std::uint64_t>(current->rules().size(), 0)};
  watched_ = {std::move(current), now, watched_.rules == nullptr, begin, begin};
}

CostReport CostWatch::report_of(const Watched& watched, std::size_t top) const {
  const std::int64_t now = clock_.steady();
  RecentMatches recent;
  recent.matches = matches_of(*watched.rules);
  for (std::size_t rule = 0; rule < recent.matches.size(); ++rule) {
    recent.matches[rule] -= watched.older.matches[rule];
  }
  recent.seconds = static_cast<double>(now - watched.older.time) / static_cast<double>(kSecond);
  CostReport report = cost_report(*watched.rules, recent, top);
  report.seconds = static_cast<double>(now - watched.since) / static_cast<double>(kSecond);
  if (!watched.is_first) {
    report.memory.reset();  // others took memory while it was built
  }
  return report;
}

CostReport CostWatch::report(std::size_t top) const {
  Watched watched;
  {
    const base::MutexLock lock(mutex_);
    follow();
    watched = watched_;
  }
  return report_of(watched, top);
}

// The rule set's sums go into metrics that never fall: what was added since the last time.
void CostWatch::count(const engine::RuleSet& rules) {
  const engine::RuleCosts::Cost now = rules.costs().of_events();
  metrics_.add(base::Metric::kEvaluationMeasured, now.times - in_metrics_.times);
  in_metrics_.times = now.times;
  // Parts below zero can make the sum fall by some nanoseconds.
  if (now.nanoseconds > in_metrics_.nanoseconds) {
    metrics_.add(base::Metric::kEvaluationNanoseconds, now.nanoseconds - in_metrics_.nanoseconds);
    in_metrics_.nanoseconds = now.nanoseconds;
  }
}

std::vector<std::string> CostWatch::warnings(const CostReport& report) {
  const std::int64_t now = clock_.steady();
  std::vector<std::string> sentences;
  if (told_.size() > kMostTold) {
    std::erase_if(told_, [now](const auto& one) { return now - one.second >= kTellAgain; });
  }
  for (const CostReport::Rule& rule : report.rules) {
    if (rule.finding.empty()) {
      continue;
    }
    const auto [told, is_new] = told_.try_emplace(rule.name, now);
    if (is_new || now - told->second >= kTellAgain) {
      told->second = now;
      sentences.push_back("rule \"" + rule.name + "\" is " + rule.finding +
                          "; see tiercel rules --cost");
    }
  }
  return sentences;
}

std::vector<std::string> CostWatch::look() {
  std::optional<Watched> due;
  std::shared_ptr<const engine::RuleSet> rules;
  {
    const base::MutexLock lock(mutex_);
    follow();
    rules = watched_.rules;
    if (clock_.steady() - watched_.newer.time >= kWindow) {
      watched_.older =
          std::exchange(watched_.newer, Mark{clock_.steady(), matches_of(*watched_.rules)});
      due = watched_;
    }
  }
  if (counted_ != rules) {
    if (counted_ != nullptr) {
      count(*counted_);
    }
    counted_ = std::move(rules);
    in_metrics_ = {};
  }
  count(*counted_);
  return due ? warnings(report_of(*due, 1)) : std::vector<std::string>();
}

}  // namespace tiercel::app
