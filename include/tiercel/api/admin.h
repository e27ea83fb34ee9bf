#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tiercel/api/cost_watch.h"
#include "tiercel/api/metrics.h"
#include "tiercel/api/reports.h"
#include "tiercel/api/routes.h"
#include "tiercel/base/clock.h"
#include "tiercel/base/log_limit.h"
#include "tiercel/base/metrics.h"
#include "tiercel/base/mutex.h"
#include "tiercel/base/snapshot.h"
#include "tiercel/engine/rule_set.h"
#include "tiercel/http/router.h"
#include "tiercel/output/runner.h"
#include "tiercel/store/store.h"
#include "tiercel/watch/apiservers.h"
#include "tiercel/watch/reconciler.h"

namespace tiercel::api {

/// What the daemon answers about itself. A new endpoint is one line in add_routes(); what it
/// needs of the daemon and cannot be reached from these is a function object among Parts.
///
/// Runs on: any io thread; thread-safe. Outlives the servers that its routes are given to.
class Admin {
 public:
  struct Parts {
    const base::Snapshot<engine::RuleSet>& rules;
    const CostWatch& costs;
    const store::Store& store;
    const base::Clock& clock;
    base::Metrics& metrics;
    std::function<std::vector<output::OutputStatus>()> outputs;
    /// Called after set_started() only.
    std::function<std::vector<PortConnections>()> connections;
    std::function<InFlight()> in_flight;
    std::function<std::vector<watch::ApiserverStatus>()> apiservers;
    std::function<watch::ReconcileStatus()> reconciliation;
    /// As watch::Apiservers::nothing_for().
    std::function<std::int64_t()> nothing_for;
    /// Why certificates or tokens from before are in use.
    std::function<std::vector<std::string>()> stale_credentials;
    // Rules out of force for a while. An error unknown_rule or not_disabled is about the name.
    std::function<std::vector<DisabledRule>()> disabled_rules;
    std::function<base::Result<void>(const std::string&, std::chrono::seconds)> disable_rule;
    std::function<base::Result<void>(const std::string&)> enable_rule;
  };

  explicit Admin(Parts parts);

  /// Health and readiness, which every port answers.
  void add_health_routes(http::Router& router, const std::string& health_path) const;
  /// Everything else, which the admin port alone answers, and only under these hosts.
  void add_routes(http::Router& router, HostRule hosts, Changes changes) const;
  /// Everything is open: from now on the daemon is ready.
  void set_started() { is_started_.store(true); }
  /// A reload has ended; `error` says why what was in force before stays, where it does.
  void set_reloaded(std::string error);

  /// Why no batch should be sent here now; empty where one may.
  [[nodiscard]] std::string unready_reason() const;

 private:
  void add_rule_routes(Routes& routes) const;
  [[nodiscard]] http::Response disabled_rules() const;
  [[nodiscard]] std::string metrics() const;
  [[nodiscard]] http::Response flow() const;

  [[nodiscard]] std::string status() const;
  void tell_refused(const http::Request& request, std::string_view why) const;

  const Parts parts_;
  const std::int64_t started_;  // steady
  std::atomic<bool> is_started_{false};
  mutable base::LogLimit refused_log_;
  mutable base::Mutex mutex_;
  ReloadState reload_ TIERCEL_GUARDED_BY(mutex_);
};

}  // namespace tiercel::api
