#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tiercel/api/admin.h"
#include "tiercel/base/clock.h"
#include "tiercel/base/metrics.h"
#include "tiercel/base/mutex.h"
#include "tiercel/base/snapshot.h"
#include "tiercel/http/server.h"
#include "tiercel/pipeline/pipeline.h"
#include "tiercel/source/webhook_source.h"
#include "tiercel/store/store.h"

#include "config_watch.h"
#include "credentials.h"
#include "deliveries.h"
#include "disabled_rules.h"
#include "inherited_sockets.h"
#include "options.h"
#include "reading.h"
#include "sources.h"
#include "store_events.h"
#include "watching.h"

namespace tiercel::app {

/// The daemon: owns everything, in the order in which it starts. Going down is the reverse:
/// the servers stop taking batches, those in hand are finished, the other sources read no more,
/// the outputs deliver what they can, the store commits.
///
/// Runs on: main thread, but for what says otherwise; the members have threads of their own.
class Application {
 public:
  /// Opens the store. REQUIRES: the reading is good.
  [[nodiscard]] static base::Result<std::unique_ptr<Application>> create(const RunOptions& options,
                                                                         Reading reading);
  ~Application();
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  /// Opens the outputs, then the ports, then the other sources. On an error nothing runs.
  [[nodiscard]] base::Result<void> start(InheritedSockets sockets);
  /// Reads the configuration and the rules again and takes them up: rules, routes, outputs.
  /// Where that fails all stays as it was. `why` is for the log.
  void reload(const std::string& why);
  /// Certificates and tokens too, which are otherwise read when their own files have come to rest.
  void reload_all(const std::string& why);
  /// Why files are to be read again without a signal: one of them has changed, or changed all the
  /// time while it was read; empty: they are not.
  [[nodiscard]] std::string wants_reload();
  /// How long to wait before the next look() or wants_reload().
  [[nodiscard]] std::chrono::milliseconds pause() const;
  void reopen_outputs();
  /// Takes a loaded rule out of force for so long, across reloads and restarts; told of by the log
  /// and by an alert, as its end is. Any thread. The error says what is wrong with the wish.
  [[nodiscard]] base::Result<void> disable_rule(const std::string& rule, std::chrono::seconds time);
  /// Before its time. Any thread.
  [[nodiscard]] base::Result<void> enable_rule(const std::string& rule);
  /// About once a second.
  void look();
  /// What has not come round for longer than this, an io thread or the store; empty: all go on.
  /// To be asked about once a second.
  [[nodiscard]] std::string stalled(std::chrono::milliseconds limit);
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
  Application(const RunOptions& options, Reading reading, Opened opened);
  base::Result<void> open(config::Listener listener,
                          const std::vector<InheritedSockets::Socket>& sockets);
  void tell_ports() const;
  base::Result<void> open_admin(config::Listener listener,
                                const std::vector<InheritedSockets::Socket>& sockets);
  [[nodiscard]] std::vector<api::PortConnections> open_connections() const;
  [[nodiscard]] api::InFlight in_flight() const;
  /// The settings as they are now, with what a reload takes up of the changed ones.
  [[nodiscard]] config::Settings with_live(const config::Settings& changed) const;
  void publish(config::Settings settings, Reading reading);
  void publish_rules(std::shared_ptr<const engine::RuleSet> rules, const std::string& why)
      TIERCEL_REQUIRES(rules_mutex_);
  /// Makes the rule set anew of what was read last, without the rules that are disabled now.
  void select_again(const std::string& why) TIERCEL_REQUIRES(rules_mutex_);
  void tell_time_is_over(const std::string& rule, const std::string& how);
  void bring_back_rules();
  void tell_failed_reload(const base::Diagnostics& diagnostics);
  void tell_good_reload();
  void warn_of_restart_options(config::Settings& changed);

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
  DisabledRules disabled_;
  /// Held by whoever publishes rules.
  base::Mutex rules_mutex_;
  std::vector<rules::RulesFile> rule_files_ TIERCEL_GUARDED_BY(rules_mutex_);
  config::Settings rule_settings_ TIERCEL_GUARDED_BY(rules_mutex_);
  api::Admin admin_;
  Credentials credentials_;  // of ports and clients
  std::vector<Port> ports_;
  /// Started before the ports and gone before them, since it tells of their connections.
  std::unique_ptr<http::Server> admin_server_;
  Sources sources_;
  ConfigWatch watch_;
  std::string last_mistake_;    ///< of the last reload; empty where it was a good one
  bool is_reload_due_ = false;  ///< the files changed as often as they were read
};

/// One log line for each diagnostic.
void log_diagnostics(const base::Diagnostics& diagnostics);

}  // namespace tiercel::app
