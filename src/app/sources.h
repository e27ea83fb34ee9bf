#pragma once

#include <chrono>
#include <memory>

#include "tiercel/base/clock.h"
#include "tiercel/base/error.h"
#include "tiercel/base/metrics.h"
#include "tiercel/config/settings.h"
#include "tiercel/pipeline/pipeline.h"
#include "tiercel/store/store.h"

namespace tiercel::app {

/// The sources beside the webhook: followed files, standard input, a Unix socket; those that
/// are enabled.
///
/// Runs on: main thread; each source has a thread of its own.
class Sources {
 public:
  Sources(const config::Settings& settings, pipeline::Pipeline& pipeline, const store::Store& store,
          const base::Clock& clock, base::Metrics& metrics);
  ~Sources();
  Sources(const Sources&) = delete;
  Sources& operator=(const Sources&) = delete;

  [[nodiscard]] base::Result<void> start();
  /// What has been read is finished; returns when all have ended.
  void stop(std::chrono::milliseconds deadline);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tiercel::app
