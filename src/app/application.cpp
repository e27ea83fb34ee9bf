#include "application.h"

#include <cstdio>
#include <thread>

#include <unistd.h>

#include "tiercel/base/log.h"

#include "log_settings.h"
#include "notify.h"
#include "signals.h"
#include "version.h"

namespace tiercel::app {

namespace {

std::string url(const config::Listener& listener, const std::string& host, std::uint16_t port) {
  const bool v6 = host.find(':') != std::string::npos && !host.starts_with('[');
  const std::string name = host.empty() ? "*" : v6 ? "[" + host + "]" : host;
  return (listener.tls ? "https://" : "http://") + name + ":" + std::to_string(port) +
         (listener.audit_paths.empty() ? "" : listener.audit_paths.front());
}

bool fail(const std::string& message) {
  std::fprintf(stderr, "Error: %s\n", message.c_str());
  return false;
}

}  // namespace

Application::~Application() = default;

int Application::run() {
  // 1 signals are blocked before any thread starts, so that none of them gets one
  Signals signals;
  // 2 configuration, 3 rules
  if (!configure()) {
    return kError;
  }
  if (options_.dry_run) {
    return kSuccess;
  }
  // 4 outputs and the store, 5 the pipeline
  if (!open_outputs()) {
    return kError;
  }
  // 6 listening sockets: from here on batches arrive
  if (!listen()) {
    shut_down();
    return kError;
  }
  if (!write_pidfile(options_.pidfile)) {
    shut_down();
    return 255;
  }
  // 7 serve
  notify_service_manager("READY=1");
  Watchdog watchdog;
  while (true) {
    switch (signals.wait(watchdog.interval())) {
      case Signals::Event::kStop:
        notify_service_manager("STOPPING=1");
        shut_down();
        log_summary();
        return kSuccess;
      case Signals::Event::kReload:
        notify_service_manager("RELOADING=1");
        reload();
        notify_service_manager("READY=1");
        break;
      case Signals::Event::kReopen:
        base::log_info("SIGUSR1: reopening the outputs");
        store_->reopen();
        break;
      case Signals::Event::kTick:
        watchdog.pat();
        break;
    }
  }
}

bool Application::configure() {
  base::Diagnostics diagnostics;
  loaded_ = load_config(options_.common, config::Purpose::kRun, diagnostics);
  if (diagnostics.has_errors()) {
    print_diagnostics(diagnostics);
    return fail("the configuration has mistakes; see above");
  }
  configure_log(loaded_.settings);
  const auto files = read_rules(options_.common, loaded_.settings, diagnostics);
  engine::LoadResult rules;
  if (!diagnostics.has_errors()) {
    rules = engine::load_rules(files, compile_options(options_.common, loaded_.settings));
    diagnostics.append(std::move(rules.diagnostics));
  }
  print_diagnostics(diagnostics);
  if (rules.rule_set == nullptr) {
    return fail("the rules do not load; see above");
  }
  base::log_info("tiercel " + std::string(kVersion) + ": " +
                 std::to_string(rules.rule_set->rules().size()) + " of " +
                 std::to_string(rules.rule_set->loaded().size()) + " rules enabled from " +
                 std::to_string(files.size()) + " files, rule set " + rules.rule_set->hash());
  rules_.publish(std::move(rules.rule_set));
  return true;
}

bool Application::open_outputs() {
  const config::Settings& settings = loaded_.settings;
  std::vector<output::DirectStore::NamedOutput> outputs;
  for (const output::OutputType* type : output::output_types()) {
    if (type->enabled(settings.outputs)) {
      outputs.push_back({type->name, type->make(settings.outputs)});
    }
  }
  store_ = std::make_unique<output::DirectStore>(std::move(outputs), metrics_,
                                                 output::DirectStore::Limits{});
  if (const auto started = store_->start(); !started) {
    return fail(started.error().text());
  }
  quarantine_ = std::make_unique<pipeline::Quarantine>(
      pipeline::QuarantineOptions{
          settings.quarantine.path, settings.quarantine.max_size.bytes,
          settings.quarantine.max_files,
          std::chrono::duration_cast<std::chrono::seconds>(settings.quarantine.max_age)},
      clock_, metrics_);
  alerts_ = std::make_unique<pipeline::InternalAlerts>(
      *store_, compile_options(options_.common, settings).alerts, clock_, metrics_);
  store_->on_error([this](std::string_view output, const base::Error& error) {
    alerts_->raise("output_failed", "", error.text(), {{"output", std::string(output)}});
  });
  pipeline::PipelineOptions options;
  options.limits.max_depth = settings.limits.max_depth;
  options.limits.max_event = settings.limits.max_event.bytes;
  options.context = field_context(settings);
  pipeline_ = std::make_unique<pipeline::Pipeline>(std::move(options), rules_, *store_,
                                                   *quarantine_, *alerts_, metrics_);
  return true;
}

http::Router Application::routes(const config::Listener& listener) {
  const config::LimitSettings& limits = loaded_.settings.limits;
  http::Router router;
  if (!listener.health_path.empty()) {
    router.add_get(listener.health_path, [](const http::Request&) {
      return http::Response{.content_type = "application/json", .body = "{\"status\": \"ok\"}"};
    });
    router.add_get("/versions", [this](const http::Request&) {
      return http::Response{.content_type = "application/json", .body = versions_json()};
    });
  }
  if (!listener.audit_paths.empty()) {
    source::WebhookOptions options;
    options.extra_paths = listener.audit_paths;
    options.whole_body = limits.whole_body.bytes;
    options.max_event = limits.max_event.bytes;
    options.max_in_flight = limits.max_in_flight.bytes;
    sources_.push_back(std::make_unique<source::WebhookSource>(
        std::move(options),
        [this](source::Batch batch) { return pipeline_->process(std::move(batch)); },
        [this](const source::BadPiece& piece) { pipeline_->take_bad_piece(piece); }, clock_));
    sources_.back()->add_routes(router);
  }
  return router;
}

bool Application::listen() {
  const config::Settings& settings = loaded_.settings;
  for (const config::Listener& listener : config::listeners(settings)) {
    http::ServerOptions options;
    options.name = listener.audit_paths.empty() ? "admin" : "audit";
    for (const std::string& host : listener.hosts) {
      options.addresses.push_back({host, listener.port});
    }
    options.threads =
        listener.audit_paths.empty()
            ? 1
            : config::io_threads(settings.process, std::thread::hardware_concurrency());
    options.limits = http_limits(settings.limits);
    options.tls = {listener.tls, listener.certificate, listener.key, listener.client_ca};
    servers_.push_back(
        std::make_unique<http::Server>(std::move(options), routes(listener), metrics_));
    if (const auto started = servers_.back()->start(); !started) {
      return fail(started.error().text());
    }
    const auto& ports = servers_.back()->ports();
    for (std::size_t at = 0; at < ports.size(); ++at) {
      const std::string host = listener.hosts[std::min(at, listener.hosts.size() - 1)];
      base::log_info("listening on " + url(listener, host, ports[at]));
    }
  }
  return true;
}

// Everything is built aside and swapped at the end; a mistake leaves what is in force.
void Application::reload() {
  base::Diagnostics diagnostics;
  config::Loaded next = load_config(options_.common, config::Purpose::kRun, diagnostics);
  engine::LoadResult rules;
  if (!diagnostics.has_errors()) {
    const auto files = read_rules(options_.common, next.settings, diagnostics);
    rules = engine::load_rules(files, compile_options(options_.common, next.settings));
    diagnostics.append(std::move(rules.diagnostics));
  }
  if (rules.rule_set == nullptr || diagnostics.has_errors()) {
    metrics_.add(base::Metric::kRulesReloadFailed);
    const std::string report = base::to_text(diagnostics);
    base::log_error("SIGHUP: nothing was reloaded, the old rules stay:\n" + report);
    alerts_->raise("reload_failed", "", "the rules could not be reloaded; the old ones stay",
                   {{"report", report.substr(0, 4096)}});
    return;
  }
  for (const auto& server : servers_) {
    if (const auto reloaded = server->reload_tls(); !reloaded) {
      base::log_error("SIGHUP: the old certificate stays: " + reloaded.error().text());
    }
  }
  loaded_.settings.rules = next.settings.rules;
  loaded_.settings.alerts = next.settings.alerts;
  alerts_->set_options(compile_options(options_.common, next.settings).alerts);
  metrics_.add(base::Metric::kRulesReloaded);
  base::log_info("SIGHUP: reloaded, " + std::to_string(rules.rule_set->rules().size()) +
                 " rules enabled, rule set " + rules.rule_set->hash());
  rules_.publish(std::move(rules.rule_set));
}

// Stop accepting, finish what is in hand, write its alerts, end.
void Application::shut_down() {
  for (const auto& server : servers_) {
    if (!server->stop(loaded_.settings.process.shutdown_timeout)) {
      base::log_warning(
          "requests were cut at the end of shutdown_timeout; their batches were "
          "not acknowledged and will come again");
    }
  }
  if (store_ != nullptr) {
    store_->stop();
  }
  servers_.clear();
  sources_.clear();
}

void Application::log_summary() const {
  std::string text = "stopped:";
  for (const base::MetricRow& row : base::kMetrics) {
    if (const std::uint64_t value = metrics_.value(row.metric); value != 0) {
      text += " " + std::string(row.name) + "=" + std::to_string(value);
    }
  }
  base::log_info(text);
}

std::string Application::versions_json() const {
  const auto rules = rules_.current();
  return version_json(rules->hash());
}

int run_command(const RunOptions& options) { return Application(options).run(); }

}  // namespace tiercel::app
