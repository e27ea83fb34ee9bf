#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tiercel/base/diagnostic.h"
#include "tiercel/base/mutex.h"
#include "tiercel/base/snapshot.h"
#include "tiercel/config/schema.h"
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
/// How it delivers.
[[nodiscard]] output::DeliveryOptions delivery_options(const config::Settings& settings,
                                                       const config::NamedOutput& output);
/// Which output it is, for an error that does not say.
[[nodiscard]] base::Error cannot_start(const config::NamedOutput& output, base::Error error);
/// The names that templates among the output's options ask for, as far as they can be read.
[[nodiscard]] std::vector<std::string> asked_names(const config::NamedOutput& output);
/// Looks whether the enabled outputs could be opened.
void check_outputs(const config::OutputSettings& outputs, base::Diagnostics& diagnostics);
/// The output itself, not opened; `is_daemon` as in its context. REQUIRES: its kind exists.
[[nodiscard]] std::unique_ptr<output::Output> make_output(const config::NamedOutput& output,
                                                          const base::Clock& clock,
                                                          base::Metrics& metrics, bool is_daemon);

/// What the output is made of, as text: one whose recipe is another after a reload is begun anew.
/// How lines are written is not in it, since that changes while an output runs. Holds secrets.
[[nodiscard]] std::string recipe_of(const config::Schema& schema, const config::Settings& settings,
                                    const config::NamedOutput& output);

/// The enabled outputs, each with its runner.
///
/// Runs on: main thread, but for status().
class Deliveries {
 public:
  Deliveries(config::Settings& settings, std::shared_ptr<const output::Routing> routing,
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
  /// A reload. Outputs that are as before go on undisturbed; changed ones end after the delivery
  /// in hand and are begun again behind the same cursor; new ones begin with what is stored from
  /// now on; those that are gone deliver what they can in five seconds, and then nothing waits
  /// for them. False where one cannot begin, with the reason among `diagnostics`: then all is as
  /// before. REQUIRES: `settings` has no errors, `routing` is compiled from it.
  [[nodiscard]] bool reload(config::Settings& settings,
                            std::shared_ptr<const output::Routing> routing,
                            base::Diagnostics& diagnostics);
  /// Lets the outputs deliver until the deadline; the names of those that still block.
  [[nodiscard]] std::vector<std::string> stop(std::chrono::milliseconds deadline);
  /// Any thread. How far each output lags is as of now.
  [[nodiscard]] std::vector<output::OutputStatus> status() const;

 private:
  struct Running {
    config::NamedOutput config;
    std::string recipe;
    output::DeliveryOptions options;
    std::unique_ptr<output::OutputRunner> runner;  ///< null while it is exchanged
    std::unique_ptr<store::Feed> view;             ///< for status() alone
  };
  using RunningList = std::vector<std::shared_ptr<Running>>;
  struct Change;

  [[nodiscard]] std::shared_ptr<Running> describe(const config::Schema& schema,
                                                  const config::Settings& settings,
                                                  const config::NamedOutput& output) const;
  [[nodiscard]] std::unique_ptr<output::OutputRunner> make_runner(const Running& running);
  [[nodiscard]] RunningList all() const;
  // The parts of reload().
  [[nodiscard]] Change change_to(config::Settings& settings) const;
  [[nodiscard]] static base::Diagnostic refusal(const config::NamedOutput& output,
                                                const base::Error& error);
  [[nodiscard]] static bool check(const RunningList& outputs, base::Diagnostics& diagnostics);
  [[nodiscard]] base::Result<void> begin(Running& running);
  [[nodiscard]] bool begin_all(const RunningList& outputs, RunningList& begun,
                               base::Diagnostics& diagnostics);
  void begin_again(const RunningList& outputs);
  void end_all(const RunningList& outputs, bool deliver);
  void take_over(Change& change, std::shared_ptr<const output::Routing> routing);

  store::Store& store_;
  pipeline::InternalAlerts& alerts_;
  const base::Clock& clock_;
  base::Metrics& metrics_;
  base::Snapshot<output::Routing> routing_;
  /// Blocked when they were to end; each may still say something to its peer.
  std::vector<std::unique_ptr<output::OutputRunner>> left_behind_;
  mutable base::Mutex mutex_;
  // Changed on the main thread alone, their `runner` and `view` too.
  RunningList running_ TIERCEL_GUARDED_BY(mutex_);
};

}  // namespace tiercel::app
