#include <algorithm>
#include <cstdio>
#include <limits>

#include "tiercel/api/cost_report.h"

#include "input.h"
#include "installed_config.h"
#include "options.h"
#include "running_daemon.h"

namespace tiercel::app {

namespace {

// Evaluates recorded events, each of them measured; no alert is made.
class Measurement final : public audit::EventSink {
 public:
  Measurement(std::shared_ptr<const engine::RuleSet> rules, audit::FieldContext context)
      : rules_(std::move(rules)), context_(std::move(context)) {
    evaluator_.use(rules_);
    evaluator_.measure_every(1);
  }

  void on_event(audit::AuditEvent& event) override {
    event.set_number(++events_);
    if (!event.time_is_arrival()) {
      if (first_ == std::numeric_limits<std::int64_t>::max()) {
        context_.first_event_time = event.time();
      }
      first_ = std::min(first_, event.time());
      last_ = std::max(last_, event.time());
    }
    (void)evaluator_.evaluate(event, context_);
  }
  void on_bad(const audit::BadInput& /*bad*/) override { ++bad_; }

  [[nodiscard]] std::uint64_t bad() const { return bad_; }
  [[nodiscard]] api::CostReport report(std::size_t top) const {
    api::CostFigures figures;
    figures.all = api::CostCounts::of(*rules_);
    figures.lately = figures.all;
    figures.matches = figures.all.matches;
    figures.matches_seconds =
        first_ < last_ ? (static_cast<double>(last_) - static_cast<double>(first_)) / 1e9 : 0;
    api::CostReport report = api::cost_report(*rules_, figures, top);
    report.sample_every = 1;
    report.seconds = figures.matches_seconds;
    return report;
  }

 private:
  std::shared_ptr<const engine::RuleSet> rules_;
  audit::FieldContext context_;
  engine::Evaluator evaluator_;
  std::uint64_t events_ = 0;
  std::uint64_t bad_ = 0;
  std::int64_t first_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t last_ = std::numeric_limits<std::int64_t>::min();
};

int print_report(const api::CostReport& report, bool json) {
  return print(json ? api::cost_json(report) : api::cost_text(report));
}

int measure(const RulesOptions& options) {
  base::Diagnostics diagnostics;
  const CommonOptions common = with_installed_config(options.common);
  const config::Loaded loaded = load_config(common, config::Purpose::kOffline, diagnostics);
  const engine::LoadResult rules = load_all(common, loaded.settings, Bodies::kStored, diagnostics);
  print_diagnostics(diagnostics);
  if (rules.rule_set == nullptr) {
    return kError;
  }
  Measurement measurement(rules.rule_set, field_context(loaded.settings));
  audit::BatchDecoder decoder(decode_limits(loaded.settings));
  InputReader input(options.events);
  InputBlock block;
  base::Result<bool> read = input.next(block);
  for (; read && *read; read = input.next(block)) {
    (void)decoder.decode(block.view(), block.form, 0, measurement);
  }
  if (measurement.bad() != 0) {
    std::fprintf(stderr, "unreadable lines or events: %s; tiercel replay tells which and why\n",
                 api::count_text(measurement.bad()).c_str());
  }
  if (!read) {
    std::fprintf(stderr, "Error: %s\n", read.error().text().c_str());
    return kError;
  }
  return print_report(measurement.report(options.top), options.json);
}

int ask(const RulesOptions& options) {
  if (!options.common.rules.empty()) {
    std::fputs(
        "Error: --cost asks the running daemon, which has rules of its own; to measure the rules "
        "of -r add --events EVENTS\n",
        stderr);
    return kUsage;
  }
  base::Diagnostics diagnostics;
  const CommonOptions common = with_installed_config(options.common);
  const config::Loaded loaded = load_config(common, config::Purpose::kOffline, diagnostics);
  if (diagnostics.has_errors() || diagnostics.count(base::Severity::kWarning) != 0) {
    print_diagnostics(diagnostics);
  }
  if (diagnostics.has_errors()) {
    return kError;
  }
  const DaemonAnswer answer =
      ask_daemon(loaded.settings, "/rules?top=" + std::to_string(options.top));
  if (answer.asked.empty()) {
    std::fputs(
        "Error: this configuration has no admin port that a daemon could be asked on "
        "(admin.enabled, admin.listen_port)\n",
        stderr);
    return kError;
  }
  const auto report = answer.body ? api::read_cost_json(*answer.body) : std::nullopt;
  if (!report) {
    const std::string problem =
        answer.body ? answer.asked + " answers what no tiercel would" : no_answer_text(answer);
    std::fprintf(stderr,
                 "%s; what its rules cost is not shown; --events EVENTS measures over recorded "
                 "events\n",
                 problem.c_str());
    return kError;
  }
  return print_report(*report, options.json);
}

}  // namespace

int cost_command(const RulesOptions& options) {
  return options.events.empty() ? ask(options) : measure(options);
}

}  // namespace tiercel::app
