#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "tiercel/base/log.h"
#include "tiercel/base/nearest.h"
#include "tiercel/base/units.h"

#include "application.h"

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

}  // namespace

void Application::publish_rules(std::shared_ptr<const engine::RuleSet> rules,
                                const std::string& why) {
  alerts_.set_options(internal_alert_options(options_.common, rule_settings_.alerts, *rules));
  const bool is_same = rules->hash() == rules_.current()->hash();
  const std::size_t count = rules->rules().size();
  const std::string text = std::to_string(count) + (count == 1 ? " rule" : " rules") +
                           " in force of " + std::to_string(rules->loaded().size()) + " loaded" +
                           (is_same ? ", nothing changed" : ", hash " + rules->hash());
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
  if (auto disabled = disabled_.disable(rule, time); !disabled) {
    return disabled;
  }
  const std::string text = base::to_text(std::chrono::milliseconds(time));
  base::log_warning("rule \"" + rule + "\" is disabled for " + text +
                    ": it alerts of nothing until then");
  select_again("rule disabled");
  alerts_.raise("rule_disabled", rule,
                "rule '" + rule + "' was disabled for " + text +
                    "; it alerts of nothing until then, or until `tiercel rules enable`",
                {{"disabled_rule", rule}, {"seconds", std::to_string(time.count())}});
  return {};
}

base::Result<void> Application::enable_rule(const std::string& rule) {
  const base::MutexLock lock(rules_mutex_);
  if (!disabled_.enable(rule)) {
    return base::Error{"not_disabled", "that rule was not disabled by `tiercel rules disable`",
                       rule};
  }
  base::log_info("rule \"" + rule + "\" is not disabled any more");
  select_again("rule enabled");
  alerts_.raise("rule_enabled", rule, "rule '" + rule + "' was enabled again before its time",
                {{"disabled_rule", rule}});
  return {};
}

void Application::bring_back_rules() {
  const std::vector<std::string> ended = disabled_.take_ended();
  if (ended.empty()) {
    return;
  }
  const base::MutexLock lock(rules_mutex_);
  for (const std::string& rule : ended) {
    base::log_info("rule \"" + rule + "\" is not disabled any more: its time is over");
  }
  select_again("rules enabled");
  for (const std::string& rule : ended) {
    alerts_.raise(
        "rule_enabled", rule,
        "rule '" + rule + "' is in force again: the time for which it was disabled is over",
        {{"disabled_rule", rule}});
  }
}

}  // namespace tiercel::app
