#include <algorithm>

#include <nlohmann/json.hpp>

#include "options.h"

namespace tiercel::app {

namespace {

constexpr std::size_t kWidth = 59;   // of wrapped text
constexpr std::size_t kIndent = 51;  // of every line but the first

// Falco's column of text: broken at blanks, indented from the second line on.
std::string wrapped(std::string_view text) {
  std::string out;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::size_t from = text.find_first_not_of(" \t\r\n");
    if (from == std::string_view::npos) {
      break;
    }
    text.remove_prefix(from);
    const std::size_t end = std::min(text.find_first_of(" \t\r\n"), text.size());
    const std::string_view word = text.substr(0, end);
    if (column != 0 && column + 1 + word.size() > kWidth) {
      out += "\n" + std::string(kIndent, ' ');
      column = 0;
    }
    if (column != 0) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    text.remove_prefix(end);
  }
  return out;
}

std::string row(std::string_view name, std::string_view text) {
  std::string out(name);
  out.resize(std::max(out.size(), kIndent - 1), ' ');
  return out + " " + wrapped(text) + "\n";
}

nlohmann::ordered_json rule_json(const rules::ResolvedRule& rule) {
  nlohmann::ordered_json info;
  info["condition"] = rule.condition_text;
  info["description"] = rule.description;
  info["enabled"] = rule.enabled;
  info["name"] = rule.name;
  info["output"] = rule.output;
  const std::string priority(base::to_text(rule.priority));
  info["priority"] = priority == "Informational" ? "Info" : priority;
  info["source"] = rule.source;
  info["tags"] = rule.tags;
  nlohmann::ordered_json details;
  details["exception_names"] = rule.exception_names;
  details["condition_compiled"] =
      rule.condition == nullptr ? std::string() : condition::to_text(*rule.condition);
  return {{"details", std::move(details)}, {"info", std::move(info)}};
}

std::string json_text(const engine::LoadResult& rules, const std::optional<std::string>& name) {
  nlohmann::ordered_json out;
  nlohmann::ordered_json listed = nlohmann::ordered_json::array();
  for (const rules::ResolvedRule& rule : rules.rule_set->loaded()) {
    if (!name || rule.name == *name) {
      listed.push_back(rule_json(rule));
    }
  }
  if (name && listed.empty()) {
    return {};
  }
  if (!name) {
    out["required_engine_version"] = rules.required_engine_version;
    out["required_plugin_versions"] = nlohmann::ordered_json::array();
  }
  out["rules"] = std::move(listed);
  for (const char* const kind : {"macro", "list"}) {
    if (name) {
      break;
    }
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const rules::Loader::Definition& definition : rules.definitions) {
      if (definition.kind == kind) {
        nlohmann::ordered_json info;
        info["name"] = definition.name;
        info[definition.kind == "macro" ? "condition" : "items"] = definition.text;
        all.push_back({{"details", {{"used", definition.used}}}, {"info", std::move(info)}});
      }
    }
    out[std::string(kind) + "s"] = std::move(all);
  }
  return out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string describe_rules(const engine::LoadResult& rules, const std::optional<std::string>& name,
                           bool json) {
  if (json) {
    return json_text(rules, name);
  }
  std::string rows;
  for (const rules::ResolvedRule& rule : rules.rule_set->loaded()) {
    if (!name || rule.name == *name) {
      rows += row(rule.name, rule.description) + "\n";
    }
  }
  if (name && rows.empty()) {
    return {};
  }
  return row("Rule", "Description") + row("----", "-----------") + rows;
}

}  // namespace tiercel::app
