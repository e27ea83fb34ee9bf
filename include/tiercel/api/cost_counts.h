#pragma once

#include <cstdint>
#include <vector>

#include "tiercel/engine/rule_set.h"

namespace tiercel::api {

/// All figures of a rule set's RuleCosts at one moment, or what came to them between two.
struct CostCounts {
  using Cost = engine::RuleCosts::Cost;
  struct Check {
    Cost cost;
    std::uint64_t held = 0;
    std::uint64_t slow = 0;
  };
  std::vector<std::uint64_t> matches;  ///< of each rule
  std::vector<Cost> rules;
  std::vector<Check> checks;
  Cost events;
  Cost index;

  /// As they are now. Evaluators go on counting, so that parts may be some events apart.
  [[nodiscard]] static CostCounts of(const engine::RuleSet& rules);
  /// Those before the first event.
  [[nodiscard]] static CostCounts none(const engine::RuleSet& rules);
  /// REQUIRES: `older` is of the same rule set.
  [[nodiscard]] CostCounts since(const CostCounts& older) const;
};

}  // namespace tiercel::api
