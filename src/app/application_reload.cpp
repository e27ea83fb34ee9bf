#include <algorithm>
#include <utility>

#include "tiercel/base/log.h"
#include "tiercel/config/schema.h"

#include "application.h"
#include "counted.h"

namespace tiercel::app {

namespace {

// The main thread's pace.
constexpr std::chrono::milliseconds kLook{1000};

const base::Diagnostic* first_error(const base::Diagnostics& diagnostics) {
  const auto first =
      std::find_if(diagnostics.list().begin(), diagnostics.list().end(),
                   [](const auto& one) { return one.severity == base::Severity::kError; });
  return first == diagnostics.list().end() ? nullptr : &*first;
}

}  // namespace

std::string Application::status() const {
  std::string text = counted(rules_.current()->rules().size(), "rule") + " in force";
  return last_mistake_.empty() ? text : text + "; the last reload failed: " + last_mistake_;
}

std::chrono::milliseconds Application::pause() const {
  return settings_.process.watch_config_files ? std::min(watch_.pause(), kLook) : kLook;
}

std::string Application::wants_reload() {
  if (is_reload_due_) {
    return "files changed while they were read";
  }
  if (!settings_.process.watch_config_files) {
    return {};
  }
  const std::string file = watch_.look();
  return file.empty() ? std::string() : file + " has changed";
}

void Application::reload_all(const std::string& why) {
  credentials_.renew(source::Renew::kAll);
  reload(why);
}

void Application::reload(const std::string& why) {
  base::log_info(why + ": loading configuration and rules again");
  CommonOptions common = options_.common;
  common.disabled_rules = disabled_.names();
  Reading reading = read_everything(common, loaded_paths(common, settings_));
  base::Diagnostics& diagnostics = reading.diagnostics;
  is_reload_due_ = !reading.is_steady;
  if (is_reload_due_) {
    diagnostics = {};
    diagnostics.add(unsteady_files());
  }
  watch_.follow(reading.paths, reading.stamps);
  if (is_reload_due_ || !reading.is_good()) {
    tell_failed_reload(diagnostics);
    return;
  }
  config::Settings next = with_live(reading.loaded.settings);
  if (!deliveries_.reload(next, std::move(reading.routing), diagnostics)) {
    tell_failed_reload(diagnostics);
    return;
  }
  log_diagnostics(diagnostics);
  warn_of_restart_options(reading.loaded.settings);
  publish(std::move(next), std::move(reading));
}

void Application::tell_failed_reload(const base::Diagnostics& diagnostics) {
  metrics_->add(base::Metric::kRulesReloadFailed);
  metrics_->set(base::Metric::kRulesStale, 1);
  log_diagnostics(diagnostics);
  const std::size_t errors = diagnostics.count(base::Severity::kError);
  base::log_error("not reloaded, all stays in force as it was: " + counted(errors, "error"));
  pipeline::InternalAlerts::Fields fields{{"errors", std::to_string(errors)}};
  std::string message =
      "configuration and rules could not be loaded again, those from before stay in force";
  last_mistake_ = counted(errors, "error");
  if (const base::Diagnostic* const first = first_error(diagnostics)) {
    message += ": " + first->message;
    fields.emplace_back("file", first->location.file);
    fields.emplace_back("line", std::to_string(first->location.line));
    fields.emplace_back("code", first->code);
    const std::string text = base::to_text(*first);
    last_mistake_ = text.substr(0, text.find('\n'));
  }
  admin_.set_reloaded(message);
  alerts_.raise("reload_failed", {}, std::move(message), std::move(fields));
}

void Application::tell_good_reload() {
  metrics_->add(base::Metric::kRulesReloaded);
  metrics_->set(base::Metric::kRulesStale, 0);
  admin_.set_reloaded({});
  if (std::exchange(last_mistake_, {}).empty()) {
    return;
  }
  base::log_info("that mends what could not be loaded before");
  alerts_.raise("reload_recovered", {},
                "configuration and rules were loaded again; before, that had failed", {});
}

config::Settings Application::with_live(const config::Settings& changed) const {
  config::Settings next = settings_;
  next.rules = changed.rules;
  next.alerts = changed.alerts;
  next.outputs = changed.outputs;
  next.dead_letter = changed.dead_letter;
  next.routing = changed.routing;
  next.log = changed.log;
  next.process.config_files = changed.process.config_files;
  next.process.watch_config_files = changed.process.watch_config_files;
  next.process.shutdown_timeout = changed.process.shutdown_timeout;
  return next;
}

void Application::publish(config::Settings settings, Reading reading) {
  settings_ = std::move(settings);
  configure_logging(settings_);
  pipeline_.set_live(settings_.alerts.static_fields, settings_.alerts.redact);
  {
    const base::MutexLock lock(rules_mutex_);
    rule_files_ = std::move(reading.files);
    rule_settings_ = settings_;
    if (disabled_.names() == reading.disabled_rules) {
      publish_rules(std::move(reading.rules.rule_set), "reloaded");
    } else {
      select_again("reloaded");
    }
  }
  tell_good_reload();
}

void Application::warn_of_restart_options(config::Settings& changed) {
  const config::Schema before = config::describe(settings_);
  const config::Schema after = config::describe(changed);
  for (const config::Option& option : before.options()) {
    const config::Option* const now = after.find(option.path());
    if (!option.is_live() && now != nullptr && now->value_json() != option.value_json()) {
      base::log_warning("'" + option.path() + "' has changed; that needs a restart");
    }
  }
}

void log_diagnostics(const base::Diagnostics& diagnostics) {
  for (const base::Diagnostic& diagnostic : diagnostics.list()) {
    const std::string text = base::to_text(diagnostic);
    const base::LogLevel level =
        diagnostic.severity == base::Severity::kError     ? base::LogLevel::kError
        : diagnostic.severity == base::Severity::kWarning ? base::LogLevel::kWarning
                                                          : base::LogLevel::kInfo;
    base::log(level, std::string_view(text).substr(0, text.find('\n')));
  }
}

}  // namespace tiercel::app
