#include <string>
#include <utility>

#include <unistd.h>

#include "tiercel/api/cost_report.h"

#include "deliveries.h"
#include "known_names.h"
#include "listening.h"
#include "options.h"

namespace tiercel::app {

namespace {

std::string sentence(const engine::RuleSet& rules) {
  const std::size_t loaded = rules.loaded().size();
  std::string text = std::to_string(loaded) + (loaded == 1 ? " rule" : " rules") + " loaded, " +
                     std::to_string(rules.rules().size()) + " in force";
  if (rules.memory() != 0) {
    text += "; they hold " + api::bytes_text(static_cast<double>(rules.memory())) + " of memory";
  }
  return text + "\n";
}

}  // namespace

int check_command(const CheckOptions& options) {
  base::Diagnostics diagnostics;
  CommonOptions common = options.common;
  // Whether it is there counts, not whether it can be read: what cannot be read is told.
  if (!common.config && common.rules.empty() && ::access(kDefaultConfig, F_OK) == 0) {
    common.config = kDefaultConfig;
  }
  // A configuration looked at for itself must be one that `run` can start with.
  const bool is_daemons = common.config && common.rules.empty();
  const config::Loaded loaded = load_config(
      common, is_daemons ? config::Purpose::kRun : config::Purpose::kOffline, diagnostics);
  // Rules are looked at even where the configuration has mistakes: one run tells all.
  base::Diagnostics of_rules;
  const engine::LoadResult rules = load_all(common, loaded.settings, Bodies::kStored, of_rules);
  const bool is_read = !diagnostics.has_errors();
  config::RoutingSettings routing = loaded.settings.routing;
  if (!is_read) {
    routing.silences.clear();  // their mistakes have been told
  }
  (void)compile_routing(routing, loaded.settings.outputs, diagnostics);
  warn_of_unknown_names(loaded.settings, rules.rule_set.get(), diagnostics);
  if (is_read && is_daemons) {
    check_outputs(loaded.settings.outputs, diagnostics);
    check_webhook(loaded.settings, diagnostics);
  }
  diagnostics.append(std::move(of_rules));
  const bool is_good = rules.rule_set != nullptr && !diagnostics.has_errors();

  std::string text;
  if (options.json) {
    text = base::to_json(diagnostics) + "\n";
  } else {
    if (!diagnostics.empty()) {
      text = base::to_text(diagnostics, colour_of(STDOUT_FILENO));
    }
    if (is_good) {
      text += (is_daemons ? *common.config + ": " : "") + sentence(*rules.rule_set);
    }
  }
  const int printed = print(text);
  return is_good ? printed : kError;
}

}  // namespace tiercel::app
