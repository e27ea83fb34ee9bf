#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <unistd.h>

#include "tiercel/base/log.h"
#include "tiercel/output/kinds.h"

#include "options.h"

namespace tiercel::app {

config::Loaded load_config(const CommonOptions& options, config::Purpose purpose,
                           base::Diagnostics& diagnostics) {
  config::DocumentRequest request;
  request.overrides = options.overrides;
  if (options.config) {
    request.path = *options.config;
  } else {
    request.path = "defaults";
    request.content = "";
  }
  return config::load_settings(request, purpose, diagnostics, output::config_kinds());
}

void configure_logging(const config::Settings& settings) {
  base::LogOptions log;
  log.level = settings.log.level;
  log.to_stderr = settings.log.to_stderr;
  log.to_syslog = settings.log.to_syslog;
  log.json = settings.log.format == config::LogSettings::Format::kJson;
  log.iso_time = settings.alerts.time_format_iso_8601;
  base::configure_log(log);
}

std::string host_name() {
  if (const char* const name = std::getenv("FALCO_HOSTNAME")) {
    return name;
  }
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

audit::FieldContext field_context(const config::Settings& settings) {
  audit::FieldContext context;
  context.hostname = host_name();
  context.static_fields = settings.alerts.static_fields;
  return context;
}

alert::AlertOptions alert_options(const CommonOptions& options,
                                  const config::AlertSettings& settings) {
  alert::AlertOptions out;
  out.json_output = settings.json_output;
  out.json_include_output_property = settings.json_include_output;
  out.json_include_tags_property = settings.json_include_tags;
  out.json_include_message_property = settings.json_include_message;
  out.json_include_output_fields_property = settings.json_include_output_fields;
  out.json_include_alert_id_property = settings.json_include_alert_id;
  out.json_include_apiserver_property = settings.json_include_apiserver;
  out.json_include_rules_hash_property = settings.json_include_rules_hash;
  out.time_format_iso_8601 = settings.time_format_iso_8601;
  out.escape_text = settings.escape_control_characters;
  out.redact = settings.redact;
  for (const config::AlertSettings::Append& entry : settings.append_output) {
    alert::AppendOutput append;
    append.match_source = entry.match_source;
    append.match_rule = entry.match_rule;
    append.match_tags = entry.match_tags;
    append.extra_output = entry.extra_output;
    append.suggested_output = entry.suggested_output;
    for (const auto& field : entry.extra_fields) {
      append.extra_fields.push_back({field.key, field.template_text, field.raw});
    }
    out.append_output.push_back(std::move(append));
  }
  out.print_format = options.print_format;
  out.static_fields = settings.static_fields;
  out.hostname = host_name();
  return out;
}

alert::AlertOptions stored_alert_options(const CommonOptions& options,
                                         const config::AlertSettings& settings) {
  alert::AlertOptions out = alert_options(options, settings);
  out.json_output = true;
  out.json_include_output_property = true;
  out.json_include_tags_property = true;
  out.json_include_message_property = false;  // it is in `output`
  out.json_include_output_fields_property = true;
  out.json_include_alert_id_property = true;
  out.json_include_apiserver_property = true;
  out.json_include_rules_hash_property = true;
  return out;
}

alert::AlertOptions internal_alert_options(const CommonOptions& options,
                                           const config::AlertSettings& settings,
                                           const engine::RuleSet& rules) {
  alert::AlertOptions out = stored_alert_options(options, settings);
  out.rules_hash = rules.hash();
  return out;
}

namespace {

engine::CompileOptions compile_options(const CommonOptions& options,
                                       const config::Settings& settings, Bodies bodies) {
  engine::CompileOptions compile;
  compile.matching = settings.rules.matching == config::RulesSettings::Matching::kAll
                         ? engine::Matching::kAll
                         : engine::Matching::kFirst;
  for (const config::RulesSettings::Step& step : settings.rules.selection) {
    compile.selection.steps.push_back({step.enable, step.rule, step.tag});
  }
  compile.selection.disabled = options.disabled_rules;
  compile.selection.threshold = settings.rules.priority;
  compile.selection.disable_substrings = options.disable_substrings;
  compile.selection.disable_tags = options.disable_tags;
  compile.selection.only_tags = options.only_tags;
  compile.alerts = bodies == Bodies::kStored ? stored_alert_options(options, settings.alerts)
                                             : alert_options(options, settings.alerts);
  return compile;
}

// DIFFERS FROM FALCO: it has not known -D, -T and -t since 0.39; until then it refused the
// same combinations.
void check_old_flags(const CommonOptions& options, const config::Settings& settings,
                     base::Diagnostics& diagnostics) {
  const bool disables = !options.disable_substrings.empty() || !options.disable_tags.empty();
  std::string message;
  if (disables && !options.only_tags.empty()) {
    message = "-t cannot be used together with -D or -T";
  } else if ((disables || !options.only_tags.empty()) && !settings.rules.selection.empty()) {
    message = "-D, -T and -t cannot be used together with 'rules' of the configuration";
  }
  if (!message.empty()) {
    base::Diagnostic diagnostic;
    diagnostic.code = "conflict";
    diagnostic.message = std::move(message);
    diagnostic.notes.emplace_back("write all of it as 'rules': [{disable: {tag: NAME}}]");
    diagnostics.add(std::move(diagnostic));
  }
}

}  // namespace

std::vector<rules::RulesFile> read_rules(const CommonOptions& options,
                                         const config::Settings& settings,
                                         base::Diagnostics& diagnostics) {
  check_old_flags(options, settings, diagnostics);
  const bool from_line = !options.rules.empty();
  auto files = rules::read_rules_files(from_line ? options.rules : settings.rules.files, from_line,
                                       diagnostics);
  if (files.empty() && !diagnostics.has_errors()) {
    base::Diagnostic none;
    none.code = "no_rules";
    none.falco_code = "LOAD_ERR_FILE_READ";
    none.message = "there is no rules file to load";
    none.notes.emplace_back("name one with -r, or in rules_files of the configuration");
    diagnostics.add(std::move(none));
  }
  return files;
}

engine::LoadResult compile_rules(const CommonOptions& options, const config::Settings& settings,
                                 Bodies bodies, const std::vector<rules::RulesFile>& files,
                                 base::Diagnostics& diagnostics) {
  engine::LoadResult result;
  if (!diagnostics.has_errors()) {
    result = engine::load_rules(files, compile_options(options, settings, bodies));
    diagnostics.append(std::exchange(result.diagnostics, {}));
  }
  return result;
}

engine::LoadResult load_all(const CommonOptions& options, const config::Settings& settings,
                            Bodies bodies, base::Diagnostics& diagnostics) {
  const std::vector<rules::RulesFile> files = read_rules(options, settings, diagnostics);
  return compile_rules(options, settings, bodies, files, diagnostics);
}

audit::DecodeLimits decode_limits(const config::Settings& settings) {
  audit::DecodeLimits limits;
  limits.max_depth = settings.limits.max_depth;
  limits.max_event = settings.limits.max_event.bytes;
  return limits;
}

base::Colour colour_of(int descriptor) {
  const char* const refused = std::getenv("NO_COLOR");
  const bool is_refused = refused != nullptr && *refused != '\0';
  return ::isatty(descriptor) != 0 && !is_refused ? base::Colour::kOn : base::Colour::kOff;
}

void print_diagnostics(const base::Diagnostics& diagnostics) {
  if (!diagnostics.empty()) {
    const std::string text = base::to_text(diagnostics, colour_of(STDERR_FILENO));
    std::fwrite(text.data(), 1, text.size(), stderr);
  }
}

int print(std::string_view text) {
  const bool is_written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (is_written && std::fflush(stdout) == 0) {
    return kSuccess;
  }
  std::fputs("Error: cannot write to standard output\n", stderr);
  return kError;
}

}  // namespace tiercel::app
