#pragma once

#include <string>

#include "tiercel/analyse/policy.h"
#include "tiercel/base/error.h"
#include "tiercel/engine/rule_set.h"

namespace tiercel::analyse {

/// The smallest policy under which every rule in force matches as if everything was recorded:
/// what no rule can match is not recorded, the rest at the least level. Users of the cluster
/// itself whose requests no rule looks at are left out by name. With comments. An error where the
/// rules name more resources and groups together than can be looked at.
[[nodiscard]] base::Result<std::string> generate_policy(const engine::RuleSet& rules);

/// Bytes of an event as kube-apiserver writes it, the mean of those in tests/data (Kubernetes
/// 1.32): an estimate for any other cluster. Of reads the responses are not known, which the
/// generated policy says.
struct EventSize {
  std::uint32_t read = 0;
  std::uint32_t write = 0;
};
[[nodiscard]] EventSize mean_size(Level level);

}  // namespace tiercel::analyse
