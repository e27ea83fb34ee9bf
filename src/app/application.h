#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tiercel/base/clock.h"
#include "tiercel/base/metrics.h"
#include "tiercel/base/snapshot.h"
#include "tiercel/http/server.h"
#include "tiercel/output/direct_store.h"
#include "tiercel/pipeline/pipeline.h"
#include "tiercel/source/webhook_source.h"

#include "options.h"

namespace tiercel::app {

/// The daemon: owns everything, in the order in which things start; they end in reverse.
///
/// Runs on: main thread.
class Application {
 public:
  explicit Application(const RunOptions& options) : options_(options) {}
  ~Application();
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  /// Starts, serves until a signal ends it, drains. The exit status.
  int run();

 private:
  [[nodiscard]] bool configure();
  [[nodiscard]] bool open_outputs();
  [[nodiscard]] bool listen();
  [[nodiscard]] http::Router routes(const config::Listener& listener);
  void wait_for_signals();
  void reload();
  void shut_down();
  void log_summary() const;
  [[nodiscard]] std::string versions_json() const;

  const RunOptions& options_;
  config::Loaded loaded_;
  base::SystemClock clock_;
  base::Metrics metrics_;
  base::Snapshot<engine::RuleSet> rules_;
  std::unique_ptr<output::DirectStore> store_;
  std::unique_ptr<pipeline::Quarantine> quarantine_;
  std::unique_ptr<pipeline::InternalAlerts> alerts_;
  std::unique_ptr<pipeline::Pipeline> pipeline_;
  std::vector<std::unique_ptr<source::WebhookSource>> sources_;
  std::vector<std::unique_ptr<http::Server>> servers_;
};

}  // namespace tiercel::app
