#include <algorithm>
#include <cctype>
#include <cstdio>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "installed_config.h"
#include "options.h"

namespace tiercel::app {

namespace {

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) {
    out += (out.empty() ? "" : ", ") + text;
  }
  return out;
}

// One row a rule: in force or not, priority, name, tags, place.
std::string listing(const engine::RuleSet& rules) {
  std::size_t width = 0;
  for (const rules::ResolvedRule& rule : rules.loaded()) {
    width = std::max(width, rule.name.size());
  }
  std::string out;
  for (const rules::ResolvedRule& rule : rules.loaded()) {
    std::string priority(base::to_text(rule.priority));
    priority.resize(14, ' ');
    std::string name = rule.name;
    name.resize(width + 2, ' ');
    out.append(rule.enabled ? "in force  " : "disabled  ").append(priority).append(name);
    out.append(rule.location.file).append(":").append(std::to_string(rule.location.line));
    if (!rule.tags.empty()) {
      out += "  [" + joined(rule.tags) + "]";
    }
    out += "\n";
  }
  return out + std::to_string(rules.rules().size()) + " of " +
         std::to_string(rules.loaded().size()) + " rules in force, " +
         (rules.matching() == engine::Matching::kAll ? "all that match alert"
                                                     : "the first that matches alerts") +
         "\n";
}

nlohmann::ordered_json json_of(const rules::ResolvedRule& rule) {
  nlohmann::ordered_json one;
  one["name"] = rule.name;
  one["enabled"] = rule.enabled;
  one["priority"] = base::to_text(rule.priority);
  one["source"] = rule.source;
  one["description"] = rule.description;
  one["tags"] = rule.tags;
  one["condition"] = rule.condition_text;
  one["output"] = rule.output;
  one["exceptions"] = rule.exception_names;
  one["file"] = rule.location.file;
  one["line"] = rule.location.line;
  return one;
}

std::string json_listing(const engine::LoadResult& rules) {
  nlohmann::ordered_json out;
  out["hash"] = rules.rule_set->hash();
  out["rules"] = nlohmann::ordered_json::array();
  for (const rules::ResolvedRule& rule : rules.rule_set->loaded()) {
    out["rules"].push_back(json_of(rule));
  }
  out["macros"] = nlohmann::ordered_json::array();
  out["lists"] = nlohmann::ordered_json::array();
  for (const rules::Loader::Definition& definition : rules.definitions) {
    nlohmann::ordered_json one;
    one["name"] = definition.name;
    one[definition.kind == "macro" ? "condition" : "items"] = definition.text;
    one["used"] = definition.used;
    one["file"] = definition.location.file;
    one["line"] = definition.location.line;
    out[definition.kind == "macro" ? "macros" : "lists"].push_back(std::move(one));
  }
  return out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

int rules_command(const RulesOptions& options) {
  if (options.change != RulesOptions::Change::kNone) {
    return rule_change_command(options);
  }
  if (options.cost) {
    return cost_command(options);
  }
  base::Diagnostics diagnostics;
  const CommonOptions common = with_installed_config(options.common);
  const config::Loaded loaded = load_config(common, config::Purpose::kOffline, diagnostics);
  const engine::LoadResult rules = load_all(common, loaded.settings, Bodies::kPrinted, diagnostics);
  print_diagnostics(diagnostics);
  if (rules.rule_set == nullptr) {
    return kError;
  }
  const InformationalOptions& form = common.informational;
  if (form.list_rules || form.describe_rule) {
    const bool json = options.json || loaded.settings.alerts.json_output;
    const std::string text = describe_rules(rules, form.describe_rule, json);
    if (text.empty()) {
      std::fprintf(stderr, "Error: there is no rule '%s'\n", form.describe_rule->c_str());
      return kError;
    }
    return print(text);
  }
  return print(options.json ? json_listing(rules) : listing(*rules.rule_set));
}

}  // namespace tiercel::app
