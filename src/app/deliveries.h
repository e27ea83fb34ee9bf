#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tiercel/base/diagnostic.h"
#include "tiercel/base/mutex.h"
#include "tiercel/base/snapshot.h"
#include "tiercel/config/settings.h"
#include "tiercel/output/runner.h"
#include "tiercel/pipeline/internal_alerts.h"
#include "tiercel/store/store.h"

namespace tiercel::app {

/// Names of the outputs that are enabled, in the order of the configuration.
[[nodiscard]] std::vector<std::string> enabled_outputs(const config::OutputSettings& settings);
/// Compiles routes and silences against the enabled outputs; null where that failed.
[[nodiscard]] std::shared_ptr<const output::Routing> compile_routing(
    const config::RoutingSettings& settings, const config::OutputSettings& outputs,
    base::Diagnostics& diagnostics);
/// How the lines of one output are written.
[[nodiscard]] alert::LineFormat line_format(const config::Settings& settings,
                                            const config::NamedOutput& output);
/// Where its dead letters are.
[[nodiscard]] std::string dead_letter_path(const config::Settings& settings,
                                           const std::string& output);
/// The names that templates among the output's options ask for, as far as they can be read.
[[nodiscard]] std::vector<std::string> asked_names(const config::NamedOutput& output);
/// Looks whether the enabled outputs could be opened.
void check_outputs(const config::OutputSettings& outputs, base::Diagnostics& diagnostics);
/// The output itself, not opened; `is_daemon` as in its context. REQUIRES: its kind exists.
[[nodiscard]] std::unique_ptr<output::Output> make_output(const config::NamedOutput& output,
                                                          const base::Clock& clock,
                                                          base::Metrics& metrics, bool is_daemon);

/// The enabled outputs, each with its runner.
///
/// Runs on: main thread, but for status().
class Deliveries {
 public:
  Deliveries(const config::Settings& settings, std::shared_ptr<const output::Routing> routing,
             store::Store& store, pipeline::InternalAlerts& alerts, const base::Clock& clock,
             base::Metrics& metrics);
  ~Deliveries();
  Deliveries(const Deliveries&) = delete;
  Deliveries& operator=(const Deliveries&) = delete;

  /// The first output that cannot be opened ends the attempt with its error.
  [[nodiscard]] base::Result<void> start();
  /// SIGUSR1.
  void reopen();
  /// To be called about once a second: tells of outputs whose delivery does not end.
  void look();
  /// Takes up changed routes, silences and formats (a reload).
  void publish(const config::Settings& settings, std::shared_ptr<const output::Routing> routing);
  /// Lets the outputs deliver until the deadline; the names of those that still block.
  [[nodiscard]] std::vector<std::string> stop(std::chrono::milliseconds deadline);
  /// Any thread. How far each output lags is as of now.
  [[nodiscard]] std::vector<output::OutputStatus> status() const;

 private:
  void add(const config::Settings& settings, const config::NamedOutput& output);

  store::Store& store_;
  pipeline::InternalAlerts& alerts_;
  const base::Clock& clock_;
  base::Metrics& metrics_;
  base::Snapshot<output::Routing> routing_;
  std::vector<std::unique_ptr<output::OutputRunner>> runners_;
  std::vector<std::string> names_;
  std::vector<std::string> sections_;
  mutable base::Mutex views_mutex_;
  // For status() alone: a runner's own feed is its thread's.
  std::vector<std::unique_ptr<store::Feed>> views_ TIERCEL_GUARDED_BY(views_mutex_);
};

}  // namespace tiercel::app
