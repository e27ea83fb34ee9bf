#include <cstdio>
#include <string>

#include <nlohmann/json.hpp>

#include "tiercel/audit/field_reference.h"
#include "tiercel/condition/reference.h"
#include "tiercel/config/print.h"

#include "options.h"

namespace tiercel::app {

namespace {

using nlohmann::ordered_json;

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

// "%-50s %s" with the description wrapped at 59 and indented by 51, as Falco's -L.
void print_described(const std::string& name, const std::string& description) {
  constexpr std::size_t kIndent = 51;
  constexpr std::size_t kWidth = 59;
  std::string out = name;
  out.resize(std::max(out.size() + 1, kIndent), ' ');
  std::size_t column = 0;
  std::size_t from = 0;
  while (from < description.size()) {
    const std::size_t end = std::min(description.find_first_of(" \n", from), description.size());
    const std::string word = description.substr(from, end - from);
    from = end + 1;
    if (word.empty()) {
      continue;
    }
    if (column != 0 && column + 1 + word.size() > kWidth) {
      out += "\n" + std::string(kIndent, ' ');
      column = 0;
    }
    out += (column == 0 ? "" : " ") + word;
    column += word.size() + (column == 0 ? 0 : 1);
  }
  print(out + "\n\n");
}

ordered_json rule_json(const rules::ResolvedRule& rule) {
  return {{"name", rule.name},
          {"priority", base::to_text(rule.priority)},
          {"enabled", rule.enabled},
          {"source", rule.source},
          {"tags", rule.tags},
          {"file", rule.location.file},
          {"line", rule.location.line},
          {"description", rule.description},
          {"condition", rule.condition_text},
          {"output", rule.output}};
}

void print_table(const engine::RuleSet& rules) {
  for (const rules::ResolvedRule& rule : rules.loaded()) {
    std::string tags;
    for (const std::string& tag : rule.tags) {
      tags += (tags.empty() ? "" : ",") + tag;
    }
    std::printf("%-8s %-14s %-60s %s:%u%s%s\n", rule.enabled ? "enabled" : "disabled",
                std::string(base::to_text(rule.priority)).c_str(), rule.name.c_str(),
                rule.location.file.c_str(), rule.location.line, tags.empty() ? "" : "  ",
                tags.c_str());
  }
}

void print_operators(const std::vector<condition::ReferenceRow>& rows, const std::string& title,
                     bool markdown) {
  if (markdown) {
    print("## " + title +
          "\n\nName | Written | Takes | Since | Description\n"
          ":----|:--------|:------|:------|:-----------\n");
  } else {
    print(title + "\n\n");
  }
  for (const condition::ReferenceRow& row : rows) {
    std::string forms;
    for (const std::string& form : row.forms) {
      forms += (forms.empty() ? "" : "; ") + form;
    }
    if (markdown) {
      print("`" + std::string(row.name) + "` | `" + forms + "` | " + row.takes +
            (row.gives.empty() ? "" : " → " + row.gives) + " | " + std::string(row.since) + " | " +
            std::string(row.doc) + "\n");
    } else {
      std::printf("  %-12s %s\n  %-12s %s\n  %-12s takes %s%s%s; since Falco %s\n\n",
                  std::string(row.name).c_str(), forms.c_str(), "", std::string(row.doc).c_str(),
                  "", row.takes.c_str(), row.gives.empty() ? "" : ", gives ", row.gives.c_str(),
                  std::string(row.since).c_str());
    }
  }
  print("\n");
}

ordered_json operators_json(const std::vector<condition::ReferenceRow>& rows) {
  ordered_json list = ordered_json::array();
  for (const condition::ReferenceRow& row : rows) {
    list.push_back({{"name", row.name},
                    {"forms", row.forms},
                    {"takes", row.takes},
                    {"gives", row.gives},
                    {"since", row.since},
                    {"desc", row.doc}});
  }
  return list;
}

}  // namespace

int fields_command(const ListOptions& options) {
  audit::ReferenceOptions reference;
  reference.form = options.form == "markdown" ? audit::ReferenceForm::kMarkdown
                   : options.form == "json"   ? audit::ReferenceForm::kJson
                                              : audit::ReferenceForm::kText;
  reference.names_only = options.names_only;
  reference.source = options.source;
  if (!options.source.empty() && !audit::is_known_source(options.source)) {
    std::fprintf(stderr, "Error: there is no source '%s'; the one with fields is k8s_audit\n",
                 options.source.c_str());
    return kError;
  }
  print(audit::field_reference(reference));
  return kSuccess;
}

int operators_command(const ListOptions& options) {
  const auto operators = condition::operator_reference();
  const auto modifiers = condition::modifier_reference();
  const auto transformers = condition::transformer_reference();
  if (options.form == "json") {
    const ordered_json all{{"operators", operators_json(operators)},
                           {"modifiers", operators_json(modifiers)},
                           {"transformers", operators_json(transformers)}};
    print(all.dump(2) + "\n");
    return kSuccess;
  }
  const bool markdown = options.form == "markdown";
  print_operators(operators, "Operators", markdown);
  print_operators(modifiers, "Modifiers", markdown);
  print_operators(transformers, "Transformers", markdown);
  return kSuccess;
}

int rules_command(const RulesOptions& options) {
  base::Diagnostics diagnostics;
  const config::Loaded loaded = load_config(options.common, config::Purpose::kOffline, diagnostics);
  const auto files = read_rules(options.common, loaded.settings, diagnostics);
  engine::LoadResult result =
      engine::load_rules(files, compile_options(options.common, loaded.settings));
  diagnostics.append(result.diagnostics);
  print_diagnostics(diagnostics);
  if (result.rule_set == nullptr || diagnostics.has_errors()) {
    return kError;
  }
  const CommonOptions& common = options.common;
  if (options.json) {
    ordered_json rules = ordered_json::array();
    for (const rules::ResolvedRule& rule : result.rule_set->loaded()) {
      if (!common.describe_rule || *common.describe_rule == rule.name) {
        rules.push_back(rule_json(rule));
      }
    }
    ordered_json macros = ordered_json::array();
    ordered_json lists = ordered_json::array();
    for (const auto& definition : result.definitions) {
      (definition.kind == "macro" ? macros : lists)
          .push_back({{"name", definition.name},
                      {"text", definition.text},
                      {"file", definition.location.file},
                      {"line", definition.location.line},
                      {"used", definition.used}});
    }
    const ordered_json all{{"required_engine_version", result.required_engine_version},
                           {"rules", rules},
                           {"macros", macros},
                           {"lists", lists}};
    print(all.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
    return kSuccess;
  }
  if (!common.list_rules && !common.describe_rule) {
    print_table(*result.rule_set);
    return kSuccess;
  }
  bool found = false;
  print_described("Rule", "Description");
  print_described("----", "-----------");
  for (const rules::ResolvedRule& rule : result.rule_set->loaded()) {
    if (!common.describe_rule || *common.describe_rule == rule.name) {
      print_described(rule.name, rule.description);
      found = true;
    }
  }
  if (!found && common.describe_rule) {
    std::fprintf(stderr, "Error: there is no rule named '%s'\n", common.describe_rule->c_str());
    return kError;
  }
  return kSuccess;
}

int config_command(const ConfigOptions& options) {
  if (options.reference) {
    print(config::config_reference());
    return kSuccess;
  }
  if (options.schema) {
    print(config::config_schema_json() + "\n");
    return kSuccess;
  }
  if (options.markdown) {
    print(config::config_markdown());
    return kSuccess;
  }
  if (!options.write_docs.empty()) {
    const auto written = config::generate_docs(options.write_docs + "/config");
    if (!written) {
      std::fprintf(stderr, "Error: %s\n", written.error().text().c_str());
      return kError;
    }
    return kSuccess;
  }
  base::Diagnostics diagnostics;
  const config::Loaded loaded = load_config(options.common, config::Purpose::kOffline, diagnostics);
  print_diagnostics(diagnostics);
  print(config::config_effective(loaded));
  return diagnostics.has_errors() ? kError : kSuccess;
}

}  // namespace tiercel::app
