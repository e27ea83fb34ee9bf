#include <cstdio>
#include <system_error>

#include "input.h"
#include "options.h"
#include "replay_report.h"
#include "replay_workers.h"

namespace tiercel::app {

int replay_command(const ReplayOptions& options) {
  base::Diagnostics diagnostics;
  config::Loaded loaded = load_config(options.common, config::Purpose::kOffline, diagnostics);
  loaded.settings.alerts.json_output = loaded.settings.alerts.json_output || options.json;
  // Whoever replays looks for the reason of an alert, so nothing is masked unless asked.
  loaded.settings.alerts.redact = options.redact;
  const engine::LoadResult rules =
      load_all(options.common, loaded.settings, Bodies::kPrinted, diagnostics);
  if (!options.quiet || rules.rule_set == nullptr) {
    print_diagnostics(diagnostics);
  }
  if (rules.rule_set == nullptr) {
    return kError;
  }

  ReplayReport report(options.quiet);
  InputReader input(options.inputs);
  ReplayWorkers workers(rules.rule_set, field_context(loaded.settings),
                        decode_limits(loaded.settings));
  const base::Result<void> read = workers.run(
      replay_threads(*rules.rule_set, options.threads),
      [&input](InputBlock& block) { return input.next(block); },
      [&report](ReplayResult& result) { return report.take(result); });
  report.summary();
  if (!read) {
    std::fprintf(stderr, "Error: %s\n", read.error().text().c_str());
    return kError;
  }
  if (const int error = report.print_error(); error != 0) {
    std::fprintf(stderr, "Error: standard output did not take all alerts: %s\n",
                 std::generic_category().message(error).c_str());
    return kError;
  }
  return options.strict && report.had_unreadable() ? kUnreadable : kSuccess;
}

}  // namespace tiercel::app
