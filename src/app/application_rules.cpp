#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "tiercel/base/log.h"
#include "tiercel/base/nearest.h"
#include "tiercel/base/units.h"

#include "application.h"
#include "counted.h"

namespace tiercel::app {

namespace {

base::Error unknown_rule(const std::string& rule, const engine::RuleSet& rules) {
  std::vector<std::string_view> names;
  for (const rules::ResolvedRule& one : rules.loaded()) {
    names.push_back(one.name);
  }
  const std::string_view near = base::nearest_name(rule, names);
  return {"unknown_rule",
          "no rule of that name is loaded" + (near.empty()
                                                  ? std::string("; `tiercel rules` lists them")
                                                  : "; did you mean '" + std::string(near) + "'?"),
          rule};
}

bool is_in_force(const engine::RuleSet& rules, const std::string& name) {
  const auto& all = rules.rules();
  return std::any_of(all.begin(), all.end(),
                     [&name](const auto& one) { return one.meta.name == name; });
}

// How a rule is that is not disabled any more: the configuration, or its file, may say otherwise.
std::string how_it_is(const engine::RuleSet& rules, const std::string& name) {
  return is_in_force(rules, name) ? "it is in force again"
                                  : "it is still not in force: the configuration leaves it out, or "
                                    "it is not loaded any more (`tiercel rules`)";
}

}  // namespace

void Application::publish_rules(std::shared_ptr<const engine::RuleSet> rules,
                                const std::string& why) {
  alerts_.set_options(internal_alert_options(options_.common, rule_settings_.alerts, *rules));
  const bool is_same = rules->hash() == rules_.current()->hash();
  const std::string text = counted(rules->rules().size(), "rule") + " in force of " +
                           api::count_text(rules->loaded().size()) + " loaded" +
                           (is_same ? ", the same rules" : "") + ", hash " + rules->hash();
  rules_.publish(std::move(rules));
  // Not before: whoever reads the line may rely on it.
  base::log_info(why + ": " + text);
}

// Not of the files, which may hold a mistake just now.
void Application::select_again(const std::string& why) {
  CommonOptions common = options_.common;
  common.disabled_rules = disabled_.names();
  base::Diagnostics diagnostics;
  engine::LoadResult rules =
      compile_rules(common, rule_settings_, Bodies::kStored, rule_files_, diagnostics);
  if (rules.rule_set == nullptr) {
    // They were loaded before; only what was switched off has changed.
    log_diagnostics(diagnostics);
    return;
  }
  publish_rules(std::move(rules.rule_set), why);
}

base::Result<void> Application::disable_rule(const std::string& rule, std::chrono::seconds time) {
  const base::MutexLock lock(rules_mutex_);
  const auto rules = rules_.current();
  const auto loaded = rules->loaded();
  if (std::none_of(loaded.begin(), loaded.end(),
                   [&rule](const auto& one) { return one.name == rule; })) {
    return unknown_rule(rule, *rules);
  }
  const std::vector<std::string> names = disabled_.names();
  const bool was_disabled = std::find(names.begin(), names.end(), rule) != names.end();
  if (auto disabled = disabled_.disable(rule, time); !disabled) {
    return disabled;
  }
  const std::string text = base::to_text(std::chrono::milliseconds(time));
  const bool was_in_force = was_disabled || is_in_force(*rules, rule);
  const std::string before = was_in_force ? "" : " (it was not in force before)";
  base::log_warning("rule \"" + rule + "\" is disabled for " + text +
                    ": it alerts of nothing until then" + before);
  select_again("rule disabled");
  alerts_.raise("rule_disabled", rule,
                "rule '" + rule + "' was disabled for " + text +
                    "; it alerts of nothing until then, or until `tiercel rules enable`" + before,
                {{"disabled_rule", rule}, {"seconds", std::to_string(time.count())}});
  return {};
}

base::Result<void> Application::enable_rule(const std::string& rule) {
  const base::MutexLock lock(rules_mutex_);
  if (!disabled_.enable(rule)) {
    return base::Error{"not_disabled", "that rule was not disabled by `tiercel rules disable`",
                       rule};
  }
  select_again("rule enabled");
  const std::string how = how_it_is(*rules_.current(), rule);
  base::log_info("rule \"" + rule + "\" is not disabled any more: " + how);
  alerts_.raise("rule_enabled", rule, "rule '" + rule + "' was enabled before its time; " + how,
                {{"disabled_rule", rule}});
  return {};
}

void Application::tell_time_is_over(const std::string& rule, const std::string& how) {
  base::log_info("rule \"" + rule + "\" is not disabled any more: its time is over; " + how);
  alerts_.raise("rule_enabled", rule,
                "the time for which rule '" + rule + "' was disabled is over; " + how,
                {{"disabled_rule", rule}});
}

void Application::bring_back_rules() {
  if (!disabled_.has_ended()) {
    return;  // Who disables a rule holds the lock while all rules are compiled.
  }
  // Before they are taken: nobody disables one of them between.
  const base::MutexLock lock(rules_mutex_);
  const DisabledRules::Ended ended = disabled_.take_ended();
  if (ended.is_change) {
    select_again("rules enabled");
  }
  for (const std::string& rule : ended.rules) {
    tell_time_is_over(rule, how_it_is(*rules_.current(), rule));
  }
}

}  // namespace tiercel::app
