#include <cstdio>

#include "tiercel/api/reports.h"
#include "tiercel/audit/field_reference.h"
#include "tiercel/config/print.h"
#include "tiercel/output/kinds.h"

#include "installed_config.h"
#include "options.h"
#include "support_report.h"

namespace tiercel::app {

namespace {

// What stands in for Falco's plugins here.
struct BuiltIn {
  const char* name;
  const char* version;
  const char* description;
  const char* capabilities;
};
constexpr BuiltIn kBuiltIns[]{
    {"k8saudit", api::kPluginVersion, "Kubernetes audit events, received as a webhook; built in",
     "Event Sourcing (ID=1, source='k8s_audit'), Field Extraction"},
    {"json", "0.7.4", "Fields of any JSON event; built in", "Field Extraction"}};

std::string text_of(const BuiltIn& plugin) {
  return std::string("Name: ") + plugin.name + "\nDescription: " + plugin.description +
         "\nContact: part of tiercel\nVersion: " + plugin.version + "\nCapabilities:\n  - " +
         plugin.capabilities + "\n";
}

int print_version(bool json) {
  if (json) {
    return print(api::versions_json({}) + "\n");
  }
  return print(std::string("tiercel version: ") + TIERCEL_VERSION +
               "\nAnswers as Falco: " + api::kFalcoVersion + "\nEngine: " + api::kEngineVersion +
               "\nk8saudit plugin: " + api::kPluginVersion + "\n");
}

int print_plugins() {
  std::string out = "2 Plugins Loaded:\n\n";
  for (const BuiltIn& plugin : kBuiltIns) {
    out += text_of(plugin) + "\n";
  }
  return print(out);
}

int print_plugin(const std::string& name) {
  for (const BuiltIn& plugin : kBuiltIns) {
    if (name == plugin.name) {
      return print(text_of(plugin) + (name == "k8saudit" ? "\nNo init config; where to listen is "
                                                           "the section 'webserver'.\n"
                                                         : "\nNo init config, no open params.\n"));
    }
  }
  std::fprintf(stderr, "Error: there is no plugin '%s'; there are k8saudit and json\n",
               name.c_str());
  return kError;
}

int print_fields(const InformationalOptions& options) {
  ReferenceCommandOptions reference;
  reference.source = options.list_source;
  reference.names_only = options.names_only;
  reference.types = options.verbose;
  reference.markdown = options.markdown || options.format == "markdown";
  reference.json = options.format == "json";
  return fields_command(reference);
}

int print_rules(const CommonOptions& options, const config::Loaded& loaded) {
  base::Diagnostics diagnostics;
  const engine::LoadResult rules =
      load_all(options, loaded.settings, Bodies::kPrinted, diagnostics);
  print_diagnostics(diagnostics);
  if (rules.rule_set == nullptr) {
    return kError;
  }
  const std::optional<std::string>& name = options.informational.describe_rule;
  const std::string text = describe_rules(rules, name, loaded.settings.alerts.json_output);
  if (text.empty()) {
    std::fprintf(stderr, "Error: there is no rule '%s'\n", name->c_str());
    return kError;
  }
  return print(text);
}

}  // namespace

std::optional<int> informational_command(const CommonOptions& options) {
  const InformationalOptions& wanted = options.informational;
  if (wanted.config_schema) {
    return print(config::config_schema_json(output::config_kinds()));
  }
  const bool any = wanted.version || wanted.plugin_info || wanted.list_plugins ||
                   wanted.list_fields || !wanted.validate.empty() || wanted.list_rules ||
                   wanted.describe_rule || wanted.support;
  if (!any) {
    return std::nullopt;
  }
  const bool is_about_rules = wanted.list_rules || wanted.describe_rule || wanted.support;
  const CommonOptions common = is_about_rules ? with_installed_config(options) : options;
  base::Diagnostics diagnostics;
  const config::Loaded loaded = load_config(common, config::Purpose::kOffline, diagnostics);
  if (diagnostics.has_errors()) {
    print_diagnostics(diagnostics);
    return kError;
  }
  const bool json = loaded.settings.alerts.json_output;
  if (wanted.version) {
    return print_version(json);
  }
  if (wanted.plugin_info) {
    return print_plugin(*wanted.plugin_info);
  }
  if (wanted.list_plugins) {
    return print_plugins();
  }
  if (wanted.list_fields) {
    return print_fields(wanted);
  }
  if (!wanted.validate.empty()) {
    return validate_files(wanted.validate, json);
  }
  if (wanted.list_rules || wanted.describe_rule) {
    return print_rules(common, loaded);
  }
  return print(support_report(common, loaded));
}

}  // namespace tiercel::app
