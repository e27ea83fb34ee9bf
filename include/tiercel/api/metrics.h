#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tiercel/base/metrics.h"
#include "tiercel/engine/rule_set.h"
#include "tiercel/output/runner.h"
#include "tiercel/store/store.h"
#include "tiercel/watch/apiservers.h"
#include "tiercel/watch/reconciler.h"

namespace tiercel::api {

/// What the audit batches in hand hold, and the bounds of that.
struct InFlight {
  std::uint64_t bytes = 0;
  std::uint64_t most_bytes = 0;
  std::uint64_t requests = 0;
  std::uint64_t most_requests = 0;
};

/// The connections of a port, or of all that serve the same, and the bounds of that.
struct PortConnections {
  std::string port;  ///< "audit", "admin"
  std::uint64_t open = 0;
  std::uint64_t limit = 0;
  std::uint64_t most_of_one_peer = 0;
  std::uint64_t limit_per_peer = 0;
};

/// What GET /metrics is made of, beside the process's own figures.
struct MetricsInput {
  const base::Metrics& metrics;
  const engine::RuleSet& rules;
  const store::StoreStatus& store;
  const std::vector<output::OutputStatus>& outputs;
  std::vector<PortConnections> connections;
  InFlight in_flight{};
  std::uint64_t disabled_rules = 0;  ///< out of force for a while
  std::vector<watch::ApiserverStatus> apiservers{};
  watch::ReconcileStatus reconciliation{};
  bool is_ready = false;
  std::int64_t now = 0;  ///< nanoseconds since the epoch
};

/// Of more rules than these the matches are told together, under the rule "(others)".
inline constexpr std::size_t kMostRuleSeries = 1'000;

/// The text that Prometheus scrapes, in its format 0.0.4.
[[nodiscard]] std::string metrics_text(const MetricsInput& input);

/// Every metric of that text: a Markdown table of names, types, labels and sentences, and one of
/// what the reasons mean where a metric is told by reason.
[[nodiscard]] std::string metrics_reference();

}  // namespace tiercel::api
