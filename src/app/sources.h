#pragma once

#include <chrono>
#include <memory>
#include <string_view>
#include <vector>

#include "tiercel/base/clock.h"
#include "tiercel/base/error.h"
#include "tiercel/base/metrics.h"
#include "tiercel/config/settings.h"
#include "tiercel/pipeline/pipeline.h"
#include "tiercel/source/threaded_source.h"
#include "tiercel/store/store.h"

namespace tiercel::app {

/// What a source is made of and calls.
struct SourceParts {
  const config::Settings& settings;
  pipeline::Pipeline& pipeline;
  pipeline::InternalAlerts& alerts;
  const store::Store& store;
  const base::Clock& clock;
  base::Metrics& metrics;
};

/// The sources beside the webhook: followed files, standard input, a Unix socket; those that
/// are enabled.
///
/// Runs on: main thread; each source has a thread of its own.
class Sources {
 public:
  struct Running {
    std::unique_ptr<source::ThreadedSource> source;
    std::string_view at_deadline;  ///< what it means when stop() ends too early
  };

  explicit Sources(const SourceParts& parts);
  explicit Sources(std::vector<Running> sources);
  ~Sources();
  Sources(const Sources&) = delete;
  Sources& operator=(const Sources&) = delete;

  [[nodiscard]] base::Result<void> start();
  /// Tells all at once, and waits until what has been read is finished or the deadline has come.
  void stop(std::chrono::milliseconds deadline);
  /// There are some, and nothing will ever come from any.
  [[nodiscard]] bool have_ended() const;

 private:
  std::vector<Running> running_;
};

}  // namespace tiercel::app
