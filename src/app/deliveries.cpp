#include "deliveries.h"

#include <algorithm>
#include <thread>

#include "tiercel/config/codes.h"
#include "tiercel/output/kinds.h"

namespace tiercel::app {

output::DeliveryOptions delivery_options(const config::Settings& settings,
                                         const config::NamedOutput& output) {
  const config::DeliverySettings& from = output.delivery;
  output::DeliveryOptions options;
  options.format = line_format(settings, output);
  options.minimum_priority = from.minimum_priority;
  options.batch_alerts = from.batch_alerts;
  options.batch_bytes = from.batch_size.bytes;
  options.batch_wait = from.batch_wait;
  options.retry_min = from.retry_min;
  options.retry_max = from.retry_max;
  options.breaker_failures = from.breaker_failures;
  options.breaker_pause = from.breaker_pause;
  options.max_age = from.max_age;
  options.slow = settings.outputs.timeout;
  options.dead_letter_path = dead_letter_path(settings, output.name);
  options.dead_letter_max_size = settings.dead_letter.max_size.bytes;
  return options;
}

base::Error cannot_start(const config::NamedOutput& output, base::Error error) {
  error.message =
      "output '" + output.name + "' (" + output.section + ") cannot start: " + error.message;
  return error;
}

std::string dead_letter_path(const config::Settings& settings, const std::string& output) {
  const std::string folder = settings.dead_letter.path.empty()
                                 ? settings.store.path + "/dead-letter"
                                 : settings.dead_letter.path;
  return folder + "/" + output + ".jsonl";
}

std::vector<std::string> enabled_outputs(const config::OutputSettings& settings) {
  std::vector<std::string> names;
  for (const config::NamedOutput& output : settings.list) {
    if (output.enabled) {
      names.push_back(output.name);
    }
  }
  return names;
}

std::shared_ptr<const output::Routing> compile_routing(const config::RoutingSettings& settings,
                                                       const config::OutputSettings& outputs,
                                                       base::Diagnostics& diagnostics) {
  return output::Routing::compile(settings, enabled_outputs(outputs), diagnostics);
}

alert::LineFormat line_format(const config::Settings& settings, const config::NamedOutput& output) {
  using Format = config::DeliverySettings::Format;
  const config::AlertSettings& alerts = settings.alerts;
  const config::OutputKind* const kind = settings.outputs.find_kind(output.kind);
  // Falco's sections write what json_output says, whatever the kind prefers.
  const bool is_falco = kind != nullptr && output.section == kind->falco_section;
  const bool prefers_json = kind != nullptr && kind->is_json && !is_falco;
  alert::LineFormat format;
  format.json =
      output.delivery.format == Format::kJson ||
      (output.delivery.format == Format::kDefault && (alerts.json_output || prefers_json));
  format.include_output = alerts.json_include_output;
  format.include_tags = alerts.json_include_tags;
  format.include_message = alerts.json_include_message;
  const output::OutputType* const type = output::find_output_type(output.kind);
  format.include_output_fields =
      alerts.json_include_output_fields || (type != nullptr && type->needs_fields);
  format.include_alert_id = alerts.json_include_alert_id;
  format.include_apiserver = alerts.json_include_apiserver;
  format.include_rules_hash = alerts.json_include_rules_hash;
  format.escape_text = alerts.escape_control_characters;
  return format;
}

std::unique_ptr<output::Output> make_output(const config::NamedOutput& output,
                                            const base::Clock& clock, base::Metrics& metrics,
                                            bool is_daemon) {
  const output::OutputType* const type = output::find_output_type(output.kind);
  const auto& options = *static_cast<const output::OutputOptions*>(output.options.get());
  return type->make(options, {output.name, clock, metrics, is_daemon});
}

std::vector<std::string> asked_names(const config::NamedOutput& output) {
  const base::SystemClock clock;
  base::Metrics metrics;
  return make_output(output, clock, metrics, false)->asked_names();
}

void check_outputs(const config::OutputSettings& outputs, base::Diagnostics& diagnostics) {
  const base::SystemClock clock;
  base::Metrics metrics;
  for (const config::NamedOutput& output : outputs.list) {
    if (!output.enabled || output.kind.empty()) {
      continue;
    }
    if (const auto checked = make_output(output, clock, metrics, false)->check(); !checked) {
      base::Diagnostic mistake;
      mistake.code = to_text(config::Code::kBadValue);
      mistake.location = output.location;
      mistake.message = cannot_start(output, checked.error()).text();
      diagnostics.add(std::move(mistake));
    }
  }
}

Deliveries::Deliveries(config::Settings& settings, std::shared_ptr<const output::Routing> routing,
                       store::Store& store, pipeline::InternalAlerts& alerts,
                       const base::Clock& clock, base::Metrics& metrics)
    : store_(store),
      alerts_(alerts),
      clock_(clock),
      metrics_(metrics),
      routing_(std::move(routing)) {
  const config::Schema schema = config::describe(settings);
  const base::MutexLock lock(mutex_);
  for (const config::NamedOutput& output : settings.outputs.list) {
    if (output.enabled) {
      running_.push_back(describe(schema, settings, output));
      running_.back()->runner = make_runner(*running_.back());
    }
  }
}

Deliveries::~Deliveries() = default;

std::shared_ptr<Deliveries::Running> Deliveries::describe(const config::Schema& schema,
                                                          const config::Settings& settings,
                                                          const config::NamedOutput& output) const {
  auto running = std::make_shared<Running>();
  running->config = output;
  running->recipe = recipe_of(schema, settings, output);
  running->options = delivery_options(settings, output);
  running->view = store_.feed(output.name);
  return running;
}

std::unique_ptr<output::OutputRunner> Deliveries::make_runner(const Running& running) {
  const config::NamedOutput& output = running.config;
  output::OutputRunner::Parts parts;
  parts.name = output.name;
  parts.kind = output.kind;
  parts.output = make_output(output, clock_, metrics_, true);
  parts.feed = store_.feed(output.name);
  parts.stand_in_feed = store_.feed(output.name);
  parts.most_messages = output::find_output_type(output.kind)->most_messages;
  const auto on_event = [this, name = output.name](const std::string& code,
                                                   const std::string& message) {
    alerts_.raise(code, name, message, {{"output", name}});
  };
  const auto on_dropped = [this](std::uint64_t alerts) { store_.count_dropped(alerts); };
  return std::make_unique<output::OutputRunner>(std::move(parts), running.options, routing_, clock_,
                                                metrics_, on_event, on_dropped);
}

Deliveries::RunningList Deliveries::all() const {
  const base::MutexLock lock(mutex_);
  return running_;
}

base::Result<void> Deliveries::start() {
  for (const auto& one : all()) {
    if (auto started = one->runner->start(); !started) {
      return cannot_start(one->config, started.error());
    }
  }
  return {};
}

void Deliveries::reopen() {
  for (const auto& one : all()) {
    one->runner->reopen();
  }
}

void Deliveries::look() {
  for (const auto& one : all()) {
    one->runner->look();
  }
}

std::vector<std::string> Deliveries::stop(std::chrono::milliseconds deadline) {
  // All at once: each has the whole time.
  const RunningList outputs = all();
  std::vector<std::string> blocked;
  std::vector<std::thread> waits;
  std::vector<char> is_clean(outputs.size(), 0);
  waits.reserve(outputs.size());
  for (std::size_t at = 0; at < outputs.size(); ++at) {
    waits.emplace_back([&, at] { is_clean[at] = outputs[at]->runner->stop(deadline) ? 1 : 0; });
  }
  for (std::size_t at = 0; at < outputs.size(); ++at) {
    waits[at].join();
    if (is_clean[at] == 0) {
      blocked.push_back(outputs[at]->config.name);
    }
  }
  for (const auto& runner : left_behind_) {
    if (!runner->stop(std::chrono::milliseconds(0))) {
      blocked.push_back(runner->status().name);
    }
  }
  return blocked;
}

std::vector<output::OutputStatus> Deliveries::status() const {
  const base::MutexLock lock(mutex_);
  std::vector<output::OutputStatus> statuses;
  statuses.reserve(running_.size());
  for (const auto& one : running_) {
    output::OutputStatus& status = statuses.emplace_back();
    if (one->runner != nullptr) {
      status = one->runner->status();
    } else {
      status.name = one->config.name;
      status.kind = one->config.kind;
    }
    status.lag = one->view->lag();
  }
  return statuses;
}

}  // namespace tiercel::app
