#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tiercel/base/metrics.h"
#include "tiercel/engine/rule_set.h"
#include "tiercel/output/runner.h"
#include "tiercel/store/store.h"
#include "tiercel/watch/apiservers.h"
#include "tiercel/watch/reconciler.h"

namespace tiercel::api {

/// What tools that know Falco are told.
inline constexpr const char* kFalcoVersion = "0.44.1";
inline constexpr const char* kEngineVersion = "0.62.0";
inline constexpr const char* kPluginVersion = "0.18.0";

/// What GET /versions answers: as Falco's, with the rule set's hash where there is one.
[[nodiscard]] std::string versions_json(const std::string& rules_hash);

/// How the last reload went.
struct ReloadState {
  std::int64_t time = 0;  ///< steady; 0: there was none
  std::string error;      ///< why what was in force before stayed; empty where it did not
};

/// A rule that is out of force for a while.
struct DisabledRule {
  std::string rule;
  std::int64_t until = 0;  ///< nanoseconds since the epoch
};
/// What GET /rules/disabled answers; `now` in nanoseconds since the epoch.
[[nodiscard]] std::string disabled_rules_json(const std::vector<DisabledRule>& rules,
                                              std::int64_t now);

struct StatusInput {
  const base::Metrics& metrics;
  const engine::RuleSet& rules;
  const store::StoreStatus& store;
  const std::vector<output::OutputStatus>& outputs;
  std::vector<watch::ApiserverStatus> apiservers{};
  watch::ReconcileStatus reconciliation{};
  ReloadState reload{};
  std::vector<std::string> stale_credentials{};  ///< why some from before are in use
  std::vector<DisabledRule> disabled{};
  std::string unready_reason{};
  std::int64_t started = 0;  ///< steady
  std::int64_t steady = 0;
  std::int64_t now = 0;  ///< nanoseconds since the epoch
};
/// What GET /status answers: whether the daemon is fed, its rules, store and outputs, and every
/// counter since its start.
[[nodiscard]] std::string status_json(const StatusInput& input);

/// What GET /outputs answers; `now` in nanoseconds since the epoch.
[[nodiscard]] std::string outputs_json(const std::vector<output::OutputStatus>& outputs,
                                       std::int64_t now);

}  // namespace tiercel::api
