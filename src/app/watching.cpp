#include "watching.h"

#include <utility>

namespace tiercel::app {

namespace {

watch::WatchOptions watch_options(const config::Settings& settings) {
  watch::WatchOptions options;
  options.silence = settings.watch.silence;
  options.clock_skew = settings.watch.clock_skew;
  options.late = settings.watch.late;
  const bool has_receiver = settings.webserver.enabled || settings.plugin_receiver.has_value();
  options.expects_events = has_receiver || settings.file_source.enabled;
  return options;
}

watch::ReconcileOptions reconcile_options(const config::ApiserverMetricsSettings& settings) {
  watch::ReconcileOptions options;
  options.urls = settings.urls;
  options.grace = settings.grace;
  return options;
}

watch::ScrapeOptions scrape_options(const config::ApiserverMetricsSettings& settings) {
  watch::ScrapeOptions options;
  options.interval = settings.interval;
  options.client.ca_cert = settings.ca_file;
  options.client.mtls = !settings.client_certificate.empty();
  options.client.client_cert = settings.client_certificate;
  options.client.client_key = settings.client_key;
  options.client.bearer_token_file = settings.token_file;
  options.client.insecure = settings.insecure;
  options.client.timeout = std::chrono::seconds(10);
  // A large cluster's page.
  options.client.max_answer = std::uint64_t{64} << 20U;
  return options;
}

watch::Tell tell_by(pipeline::InternalAlerts& alerts) {
  return [&alerts](watch::Finding finding) {
    alerts.raise(finding.code, finding.apiserver, std::move(finding.message),
                 std::move(finding.fields));
  };
}

}  // namespace

Watching::Watching(const config::Settings& settings, pipeline::InternalAlerts& alerts,
                   const base::Clock& clock, base::Metrics& metrics)
    : apiservers_(watch_options(settings), tell_by(alerts), clock, metrics),
      reconciler_(reconcile_options(settings.apiserver_metrics), tell_by(alerts), clock, metrics) {
  if (!settings.apiserver_metrics.urls.empty()) {
    scraper_ = std::make_unique<watch::Scraper>(scrape_options(settings.apiserver_metrics),
                                                settings.apiserver_metrics.urls, reconciler_,
                                                [this] { return apiservers_.distinct_events(); });
  }
}

base::Result<void> Watching::start() {
  return scraper_ == nullptr ? base::Result<void>() : scraper_->start();
}

void Watching::look() { apiservers_.look(); }

void Watching::stop() {
  if (scraper_ != nullptr) {
    scraper_->stop();
  }
}

}  // namespace tiercel::app
