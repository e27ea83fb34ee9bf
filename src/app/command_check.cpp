#include <cstdio>
#include <string>

#include <unistd.h>

#include "options.h"

namespace tiercel::app {

namespace {

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

// Loads configuration and rules; all diagnostics, and the number of enabled rules.
bool check(const CommonOptions& options, base::Diagnostics& diagnostics, std::size_t& rules) {
  const config::Loaded loaded = load_config(
      options, options.config ? config::Purpose::kRun : config::Purpose::kOffline, diagnostics);
  const auto files = read_rules(options, loaded.settings, diagnostics);
  engine::LoadResult result = engine::load_rules(files, compile_options(options, loaded.settings));
  rules = result.rule_set == nullptr ? 0 : result.rule_set->rules().size();
  diagnostics.append(std::move(result.diagnostics));
  return result.rule_set != nullptr && !diagnostics.has_errors();
}

}  // namespace

int check_command(const CheckOptions& options) {
  base::Diagnostics diagnostics;
  std::size_t rules = 0;
  const bool good = check(options.common, diagnostics, rules);
  if (options.json) {
    print("{\"successful\":" + std::string(good ? "true" : "false") + ",\"rules\":" +
          std::to_string(rules) + ",\"diagnostics\":" + base::to_json(diagnostics) + "}\n");
  } else {
    if (!diagnostics.empty()) {
      print(base::to_text(diagnostics, colour_of(STDOUT_FILENO)));
    }
    print(good ? "Ok: " + std::to_string(rules) + " rules enabled\n" : "Invalid\n");
  }
  return good ? kSuccess : kError;
}

// Falco's -V: each file's own verdict; files accumulate, so one may use what an earlier
// one defines. Neither the configuration's files nor -r are loaded.
static int validate(const CommonOptions& options, bool json) {
  base::Diagnostics diagnostics;
  const config::Loaded loaded = load_config(options, config::Purpose::kOffline, diagnostics);
  const auto files = rules::read_rules_files(options.validate, true, diagnostics);
  engine::LoadResult result = engine::load_rules(files, compile_options(options, loaded.settings));
  diagnostics.append(std::move(result.diagnostics));
  const bool good = result.rule_set != nullptr && !diagnostics.has_errors();
  if (json) {
    print("{\"successful\":" + std::string(good ? "true" : "false") +
          ",\"diagnostics\":" + base::to_json(diagnostics) + "}\n");
    return good ? kSuccess : kError;
  }
  for (const rules::RulesFile& file : files) {
    bool error = false;
    bool warning = false;
    for (const base::Diagnostic& diagnostic : diagnostics.list()) {
      if (diagnostic.location.file == file.path) {
        error = error || diagnostic.severity == base::Severity::kError;
        warning = warning || diagnostic.severity == base::Severity::kWarning;
      }
    }
    print(file.path + (error ? ": Invalid\n" : warning ? ": Ok, with warnings\n" : ": Ok\n"));
  }
  if (!diagnostics.empty()) {
    print(base::to_text(diagnostics, colour_of(STDOUT_FILENO)));
  }
  if (!good) {
    std::fputs("Error: the rules do not load; see above\n", stderr);
  }
  return good ? kSuccess : kError;
}

std::optional<int> informational(const CommonOptions& options, bool json) {
  if (options.list_fields || options.names_only) {
    ListOptions list;
    list.source = options.list_fields.value_or("");
    list.names_only = options.names_only;
    return fields_command(list);
  }
  if (!options.validate.empty()) {
    return validate(options, json);
  }
  if (options.list_rules || options.describe_rule) {
    RulesOptions rules;
    rules.common = options;
    rules.json = json;
    return rules_command(rules);
  }
  return std::nullopt;
}

}  // namespace tiercel::app
