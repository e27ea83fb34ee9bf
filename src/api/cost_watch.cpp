#include "tiercel/api/cost_watch.h"

#include <algorithm>
#include <utility>

namespace tiercel::api {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kTenMinutes = 10 * kMinute;
constexpr std::int64_t kTellAgain = 3'600 * kSecond;
// The hour of rules that are gone by now need not be kept.
constexpr std::size_t kMostTold = 10'000;

double seconds(std::int64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / static_cast<double>(kSecond);
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
  std::optional<std::uint64_t> memory;
  if (watched_.rules == nullptr) {
    // Built before this daemon had threads.
    memory = current->memory() != 0 ? std::optional(current->memory()) : std::nullopt;
  } else if (watched_.rules->hash() == current->hash()) {
    memory = watched_.memory;  // the same rules
  }
  const std::int64_t now = clock_.steady();
  const Mark begin{now, std::make_shared<const CostCounts>(CostCounts::none(*current))};
  watched_ = {std::move(current), memory, now, {begin, begin}, {begin, begin}};
}

CostReport CostWatch::report_of(const Watched& watched, std::size_t top) const {
  const std::int64_t now = clock_.steady();
  CostFigures figures;
  figures.all = CostCounts::of(*watched.rules);
  figures.lately = figures.all.since(*watched.ten_minutes.older.counts);
  figures.matches = figures.all.since(*watched.minute.older.counts).matches;
  figures.matches_seconds = seconds(now - watched.minute.older.time);
  CostReport report = cost_report(*watched.rules, figures, top);
  report.seconds = seconds(now - watched.since);
  report.memory = watched.memory;
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
    // What is noisy already and becomes slow is news.
    const std::string key =
        rule.name + (rule.is_slow ? "\nslow" : "") + (rule.is_noisy ? "\nnoisy" : "");
    const auto [told, is_new] = told_.try_emplace(key, now);
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
    const std::int64_t now = clock_.steady();
    if (now - watched_.minute.newer.time >= kMinute) {
      const Mark mark{now, std::make_shared<const CostCounts>(CostCounts::of(*rules))};
      watched_.minute.older = std::exchange(watched_.minute.newer, mark);
      if (now - watched_.ten_minutes.newer.time >= kTenMinutes) {
        watched_.ten_minutes.older = std::exchange(watched_.ten_minutes.newer, mark);
      }
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
  if (!due) {
    return {};
  }
  const CostReport report = report_of(*due, 1);
  const auto count_of = [&report](bool CostReport::Rule::*is_such) {
    return static_cast<std::uint64_t>(
        std::count_if(report.rules.begin(), report.rules.end(),
                      [is_such](const CostReport::Rule& rule) { return rule.*is_such; }));
  };
  metrics_.set(base::Metric::kRulesSlow, count_of(&CostReport::Rule::is_slow));
  metrics_.set(base::Metric::kRulesNoisy, count_of(&CostReport::Rule::is_noisy));
  return warnings(report);
}

}  // namespace tiercel::api
