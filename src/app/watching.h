#pragma once

#include <memory>

#include "tiercel/config/settings.h"
#include "tiercel/pipeline/internal_alerts.h"
#include "tiercel/watch/apiservers.h"
#include "tiercel/watch/reconciler.h"
#include "tiercel/watch/scraper.h"

namespace tiercel::app {

/// Whether audit events come as they should: the apiservers' table and, where the configuration
/// names URLs, what they count themselves.
///
/// Runs on: main thread, but for apiservers(), the two …_status() and nothing_for().
class Watching {
 public:
  Watching(const config::Settings& settings, pipeline::InternalAlerts& alerts,
           const base::Clock& clock, base::Metrics& metrics);

  /// An error where a file of `apiserver_metrics` cannot be read.
  [[nodiscard]] base::Result<void> start();
  /// About once a second.
  void look();
  void stop();
  [[nodiscard]] watch::Apiservers* apiservers() { return &apiservers_; }
  [[nodiscard]] std::vector<watch::ApiserverStatus> apiserver_status() const {
    return apiservers_.status();
  }
  [[nodiscard]] std::int64_t nothing_for() const { return apiservers_.nothing_for(); }
  [[nodiscard]] watch::ReconcileStatus reconcile_status() const { return reconciler_.status(); }

 private:
  watch::Apiservers apiservers_;
  watch::Reconciler reconciler_;
  std::unique_ptr<watch::Scraper> scraper_;
};

}  // namespace tiercel::app
