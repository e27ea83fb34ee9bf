#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tiercel/api/admin.h"
#include "tiercel/base/clock.h"
#include "tiercel/base/metrics.h"
#include "tiercel/base/snapshot.h"
#include "tiercel/http/server.h"
#include "tiercel/pipeline/pipeline.h"
#include "tiercel/source/webhook_source.h"
#include "tiercel/store/store.h"

#include "credentials.h"
#include "deliveries.h"
#include "options.h"
#include "sources.h"
#include "store_events.h"
#include "watching.h"

namespace tiercel::app {

/// The daemon: owns everything, in the order in which it starts. Going down is the reverse:
/// the servers stop taking batches, those in hand are finished, the other sources read no more,
/// the outputs deliver what they can, the store commits.
///
/// Runs on: main thread, all of it; the members have threads of their own.
class Application {
 public:
  /// Opens the store. `rules` and `routing` are compiled from `loaded`.
  [[nodiscard]] static base::Result<std::unique_ptr<Application>> create(
      const RunOptions& options, config::Loaded loaded,
      std::shared_ptr<const engine::RuleSet> rules, std::shared_ptr<const output::Routing> routing);
  ~Application();
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  /// Opens the outputs, then the ports, then the other sources. On an error nothing runs.
  [[nodiscard]] base::Result<void> start();
  /// Reads the configuration and the rules again and publishes them; where that fails the
  /// old ones stay. Also reads certificates and tokens again.
  void reload();
  void reopen_outputs();
  /// About once a second.
  void look();
  /// Nothing will come any more from a source beside the webhook.
  [[nodiscard]] bool has_read_all() const { return sources_.have_ended(); }
  /// Finishes what was accepted, within `shutdown_timeout`. False where an output still
  /// blocks: the process must then end without destroying this.
  [[nodiscard]] bool stop();
  /// What stop() takes at most.
  [[nodiscard]] std::chrono::milliseconds longest_stop() const;

  /// "12 rules, listening on …", for the service manager.
  [[nodiscard]] std::string status() const;
  /// Every counter that is not zero, for the end of the log: " batches=2 events=13".
  [[nodiscard]] std::string summary() const;

 private:
  struct Port {
    config::Listener listener;
    std::unique_ptr<http::Server> server;
  };
  /// What must be there before all others, since it can fail.
  struct Opened {
    std::unique_ptr<base::Metrics> metrics;
    std::unique_ptr<StoreEvents> events;
    std::unique_ptr<store::Store> store;
  };
  Application(const RunOptions& options, config::Loaded loaded,
              std::shared_ptr<const engine::RuleSet> rules,
              std::shared_ptr<const output::Routing> routing, Opened opened);
  base::Result<void> open(const config::Listener& listener);
  void tell_ports() const;
  base::Result<void> open_admin(const config::Listener& listener);
  [[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> open_connections() const;
  void publish(config::Settings settings, std::shared_ptr<const engine::RuleSet> rules,
               std::shared_ptr<const output::Routing> routing);
  void tell_failed_reload(const base::Diagnostics& diagnostics);
  void warn_of_restart_options(config::Settings& changed);
  void warn_of_outputs(const config::OutputSettings& changed) const;

  const RunOptions options_;
  config::Settings settings_;
  base::SystemClock clock_;
  std::unique_ptr<base::Metrics> metrics_;
  base::Snapshot<engine::RuleSet> rules_;
  api::CostWatch costs_;
  std::unique_ptr<StoreEvents> events_;
  std::unique_ptr<store::Store> store_;
  pipeline::InternalAlerts alerts_;
  Deliveries deliveries_;
  pipeline::Quarantine quarantine_;
  Watching watching_;
  pipeline::Pipeline pipeline_;
  source::WebhookSource webhook_;
  api::Admin admin_;
  Credentials credentials_;  // of the ports
  std::vector<Port> ports_;
  /// Started before the ports and gone before them, since it tells of their connections.
  std::unique_ptr<http::Server> admin_server_;
  Sources sources_;
};

/// One log line for each diagnostic.
void log_diagnostics(const base::Diagnostics& diagnostics);

}  // namespace tiercel::app
