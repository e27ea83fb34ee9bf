#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tiercel/api/cost_report.h"
#include "tiercel/base/clock.h"
#include "tiercel/base/metrics.h"
#include "tiercel/base/mutex.h"
#include "tiercel/base/snapshot.h"
#include "tiercel/engine/rule_set.h"

namespace tiercel::api {

/// Follows what the running rules cost and make: the last minutes for what is noisy or slow now,
/// the metrics, and who is to be warned of.
///
/// Runs on: look() on the main thread; report() any thread.
class CostWatch {
 public:
  CostWatch(const base::Snapshot<engine::RuleSet>& rules, base::Metrics& metrics,
            const base::Clock& clock);

  /// About once a second. Once a minute, a sentence for each rule that is slow or noisy, for the
  /// log; of one rule at most one an hour, whatever is reloaded meanwhile.
  [[nodiscard]] std::vector<std::string> look();
  /// As cost_report().
  [[nodiscard]] CostReport report(std::size_t top) const;

 private:
  struct Mark {
    std::int64_t time = 0;  ///< steady
    std::shared_ptr<const CostCounts> counts;
  };
  /// What comes is counted from `older` on, which is one to two lengths ago, or the beginning.
  struct Window {
    Mark older;
    Mark newer;
  };
  struct Watched {
    std::shared_ptr<const engine::RuleSet> rules;
    std::optional<std::uint64_t> memory;  ///< bytes; nothing where others took some meanwhile
    std::int64_t since = 0;               ///< steady
    Window minute;
    Window ten_minutes;
  };
  /// Takes up a rule set that was published since.
  void follow() const TIERCEL_REQUIRES(mutex_);
  [[nodiscard]] CostReport report_of(const Watched& watched, std::size_t top) const;
  void count(const engine::RuleSet& rules);
  [[nodiscard]] std::vector<std::string> warnings(const CostReport& report);

  const base::Snapshot<engine::RuleSet>& rules_;
  base::Metrics& metrics_;
  const base::Clock& clock_;

  mutable base::Mutex mutex_;
  mutable Watched watched_ TIERCEL_GUARDED_BY(mutex_);

  // Main thread alone.
  std::shared_ptr<const engine::RuleSet> counted_;
  engine::RuleCosts::Cost in_metrics_;  ///< what of counted_ the metrics have
  /// Rule, and whether it is slow or noisy → steady time of its last warning.
  std::map<std::string, std::int64_t> told_;
};

}  // namespace tiercel::api
