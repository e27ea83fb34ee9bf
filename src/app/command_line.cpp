#include "command_line.h"

#include <cstdio>
#include <filesystem>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace tiercel::app {

namespace {

bool is_rules_path(const std::string& path) {
  std::error_code error;
  return path.ends_with(".yaml") || path.ends_with(".yml") ||
         std::filesystem::is_directory(path, error);
}

std::optional<int> usage_error(const std::string& message) {
  std::fprintf(stderr, "Error: %s\nRun with --help for more information.\n", message.c_str());
  return kUsage;
}

}  // namespace

CommandLine::CommandLine() : app("Detection on the Kubernetes audit stream.", "tiercel") {
  app.require_subcommand(0, 1);
  app.add_flag("--version", version, "Print the version and end.");
  app.failure_message(CLI::FailureMessage::simple);

  CLI::App* const run_app = add_command("run", "Run the daemon.", Command::kRun);
  add_common(*run_app, run.common);
  add_falco_flags(*run_app, run.common);
  run_app->add_flag("--dry-run", run.dry_run, "Load configuration and rules, then end.");
  run_app->add_option("-P,--pidfile", run.pidfile, "Write the process id to this file.");

  CLI::App* const check_app =
      add_command("check", "Validate configuration and rules.", Command::kCheck);
  add_common(*check_app, check.common);
  add_falco_flags(*check_app, check.common);
  check_app->add_flag("--json", check.json, "Print the result as JSON.");

  CLI::App* const replay_app =
      add_command("replay", "Evaluate recorded audit events.", Command::kReplay);
  add_common(*replay_app, replay.common);
  add_falco_flags(*replay_app, replay.common);
  replay_app->add_flag("--json", replay.json, "One JSON alert a line.");
  replay_app->add_flag("--strict", replay.strict, "Exit status 3 where events were unreadable.");
  replay_app->add_flag("-q,--quiet", replay.quiet, "No summary and no progress.");
  replay_app->add_option("--threads", replay.threads, "Threads; 0 is one for each core.");
  replay_app->add_option("events", replay.inputs,
                         "Audit logs or saved batches: JSONL, EventList, gzip, zstd, folders, "
                         "- for standard input.");

  for (auto [name, doc, command, options] :
       {std::tuple{"fields", "List the fields that rules can name.", Command::kFields, &fields},
        std::tuple{"operators", "List operators, modifiers and transformers.", Command::kOperators,
                   &operators}}) {
    CLI::App* const list = add_command(name, doc, command);
    list->add_option("--format", options->form, "text, markdown or json.")
        ->check(CLI::IsMember({"text", "markdown", "json"}));
    list->add_flag_callback(
        "--markdown", [options] { options->form = "markdown"; }, "As Markdown tables.");
    list->add_flag_callback(
        "--json", [options] { options->form = "json"; }, "As JSON.");
    list->add_flag("-N,--names", options->names_only, "Names only.");
    list->add_option("source", options->source, "Only this source's.");
  }

  CLI::App* const rules_app =
      add_command("rules", "List the rules with their effective state.", Command::kRules);
  add_common(*rules_app, rules.common);
  rules_app->add_flag("-L", rules.common.list_rules, "Names and descriptions, as Falco's -L.");
  rules_app->add_option("-l", rules.common.describe_rule, "One rule and its description.");
  rules_app->add_flag("--json", rules.json, "As JSON, with macros and lists.");

  CLI::App* const config_app =
      add_command("config", "Print the effective configuration.", Command::kConfig);
  add_common(*config_app, config.common);
  config_app->add_flag("--reference", config.reference, "Every option with its meaning, as YAML.");
  config_app->add_flag("--schema", config.schema, "The JSON schema.");
  config_app->add_flag("--markdown", config.markdown, "Tables of the options.");
  config_app->add_option("--write-docs", config.write_docs,
                         "Write the generated documentation below this folder.");

  CLI::App* const completion_app =
      add_command("completion", "Print a shell completion script.", Command::kCompletion);
  completion_app->add_option("shell", shell, "bash, zsh or fish.")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

CLI::App* CommandLine::add_command(const std::string& name, const std::string& doc,
                                   Command command) {
  CLI::App* const sub = app.add_subcommand(name, doc);
  sub->callback([this, command] { chosen = command; });
  return sub;
}

void CommandLine::add_common(CLI::App& command, CommonOptions& options) {
  command.add_option("-c,--config", options.config, "The configuration file.");
  command
      .add_option("-r,--rules", options.rules,
                  "Rules files and folders, in order; replace rules_files of the configuration.")
      ->expected(1, -1)
      ->allow_extra_args();
  command
      .add_option("-o,--option", options.overrides,
                  "Set one option of the configuration: KEY=VALUE, as in Falco.")
      ->expected(1, -1)
      ->allow_extra_args();
  command.add_option("-D", options.disable_substrings,
                     "Disable rules whose name contains this text.");
  command.add_option("-T", options.disable_tags, "Disable rules with this tag.");
  command.add_option("-t", options.only_tags, "Enable only rules with one of these tags.");
  command.add_option("-p,--print", options.print_format, "Append this to every output template.");
}

void CommandLine::add_falco_flags(CLI::App& command, CommonOptions& options) {
  command
      .add_option("-V,--validate", options.validate,
                  "Validate these rules files alone, in order, and end.")
      ->expected(1, -1);
  command.add_flag("-L", options.list_rules, "List names and descriptions of all rules, and end.");
  command.add_option("-l", options.describe_rule, "Describe one rule, and end.");
  command.add_option("--list", options.list_fields, "List the fields (of one source), and end.")
      ->expected(0, 1)
      ->default_str("");
  command.add_flag("-N", options.names_only, "With --list: names only.");
  // What Falco's hands type without meaning here.
  command.add_flag_callback("-U,--unbuffered", [] {},
                            "Alerts are never buffered; accepted for Falco's sake.");
}

// -r and -o take several words; in front of EVENTS they may have taken those too.
std::optional<int> CommandLine::settle_inputs() {
  const auto give_back = [this](std::vector<std::string>& from, auto belongs) {
    std::size_t keep = from.size();
    while (keep > 0 && !belongs(from[keep - 1])) {
      --keep;
    }
    if (keep == 0 && !from.empty()) {
      keep = 1;  // what follows the letter itself is its value, whatever it looks like
    }
    replay.inputs.insert(replay.inputs.begin(), from.begin() + static_cast<std::ptrdiff_t>(keep),
                         from.end());
    from.resize(keep);
  };
  if (replay.inputs.empty()) {
    give_back(replay.common.overrides,
              [](const std::string& word) { return word.find('=') != std::string::npos; });
  }
  if (replay.inputs.empty()) {
    give_back(replay.common.rules, is_rules_path);
  }
  const bool informs = !replay.common.validate.empty() || replay.common.list_rules ||
                       replay.common.describe_rule || replay.common.list_fields;
  if (replay.inputs.empty() && !informs) {
    return usage_error("replay needs events: files, folders, or - for standard input");
  }
  return std::nullopt;
}

std::optional<int> CommandLine::parse(int argc, char** argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kSuccess : kUsage;
  }
  for (const CommonOptions* options : {&run.common, &check.common, &replay.common, &rules.common}) {
    if (!options->only_tags.empty() &&
        (!options->disable_tags.empty() || !options->disable_substrings.empty())) {
      return usage_error("-t cannot be combined with -D or -T");
    }
  }
  if (chosen == Command::kReplay) {
    return settle_inputs();
  }
  if (chosen == Command::kNone && !version) {
    std::fputs(app.help().c_str(), stderr);
    return kUsage;
  }
  return std::nullopt;
}

}  // namespace tiercel::app
