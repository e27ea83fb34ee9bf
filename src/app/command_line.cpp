#include "command_line.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "completion.h"
#include "packaged_docs.h"
#include "spread_words.h"

namespace tiercel::app {

namespace {

constexpr const char* kStatuses =
    "Exit status: 0 success, 1 error, 2 wrong usage, 3 unreadable events (replay --strict) or "
    "untested rules (selftest).";

// A word that shells read as one again.
std::string quoted(const std::string& word) {
  if (!word.empty() && word.find_first_of(" \t\n'\"\\$`*?[]{}()<>|&;!#~") == std::string::npos) {
    return word;
  }
  std::string out = "'";
  for (const char c : word) {
    out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return out + "'";
}

}  // namespace

CommandLine::CommandLine() {
  app_.require_subcommand(0, 1);
  app_.footer(kStatuses);
  app_.add_flag("--version", version_, "Print the version and what it answers as, then end.");
  add_run();
  add_check();
  add_replay();
  add_listings();
  add_config();
  add_status();
  add_outputs();
  add_alerts();
  add_store();
  add_policy();
  add_kubeconfig();
  add_selfcheck();
  add_completion();
}

void CommandLine::add_run() {
  CLI::App& command = *app_.add_subcommand("run", "Run the daemon.");
  add_common_options(command, run_.common);
  add_informational_options(command, run_.common.informational);
  add_foreign_options(command);
  command.add_flag("--dry-run", run_.dry_run, "Load configuration and rules, then end.");
  command.add_option("-P,--pidfile", run_.pidfile, "Write the process id to this file.")
      ->type_name("PATH");
  command.add_option("-M", run_.seconds, "End after so many seconds.")->type_name("SECONDS");
}

void CommandLine::add_check() {
  CLI::App& command = *app_.add_subcommand(
      "check", "Validate configuration and rules; exit status 0 where they load.");
  add_common_options(command, check_.common);
  add_informational_options(command, check_.common.informational);
  add_foreign_options(command);
  command.add_flag("--json", check_.json, "Print what was found as a JSON array.");
}

void CommandLine::add_replay() {
  CLI::App& command = *app_.add_subcommand(
      "replay", "Evaluate recorded events; alerts on standard output in the order of the input.");
  add_common_options(command, replay_.common);
  add_informational_options(command, replay_.common.informational);
  add_foreign_options(command);
  command.add_flag("--json", replay_.json, "Write alerts as JSON, one a line.");
  command.add_flag("--strict", replay_.strict, "Exit status 3 where an event could not be read.");
  command.add_flag("-q,--quiet", replay_.quiet, "No warnings, progress or summary.");
  command.add_flag("--redact", replay_.redact, "Mask credentials in alerts, as `run` does.");
  command.add_option("--threads", replay_.threads, "How many threads evaluate; 0: all cores.")
      ->type_name("N")
      ->check(CLI::Range(0, 1024));
  command
      .add_option(
          "events", replay_.inputs,
          "Files (JSONL, EventLists, arrays; gzip, zstd), folders, or - for standard input.")
      ->type_name("EVENTS");
}

void CommandLine::add_listings() {
  CLI::App& fields = *app_.add_subcommand("fields", "List the fields that rules can read.");
  CLI::Option* const fields_markdown =
      fields.add_flag("--markdown", fields_.markdown, "As Markdown tables.");
  fields.add_flag("--json", fields_.json, "As JSON.")->excludes(fields_markdown);
  fields.add_flag("-N,--names", fields_.names_only, "Names only.");
  fields.add_flag("-v,--types", fields_.types, "With the type of each field.");
  fields.add_option("source", fields_.source, "Only fields of this event source.")
      ->type_name("SOURCE");

  CLI::App& operators =
      *app_.add_subcommand("operators", "List operators, modifiers and transformers.");
  CLI::Option* const operators_markdown =
      operators.add_flag("--markdown", operators_.markdown, "As Markdown tables.");
  operators.add_flag("--json", operators_.json, "As JSON.")->excludes(operators_markdown);
  operators.add_flag("-N,--names", operators_.names_only, "Names only.");

  CLI::App& rules =
      *app_.add_subcommand("rules", "List the loaded rules and whether each is in force.");
  add_common_options(rules, rules_.common);
  rules.add_flag("--json", rules_.json, "As JSON.");
  rules.add_flag("-L", rules_.common.informational.list_rules, "Names and descriptions only.");
  rules.add_option("-l", rules_.common.informational.describe_rule, "One rule.")->type_name("RULE");
  CLI::Option* const cost = rules.add_flag(
      "--cost", rules_.cost,
      "What each rule of the running daemon costs and how often it matches, the most expensive "
      "first, and which are slow or noisy.");
  rules
      .add_option("--top", rules_.top,
                  "With --cost: how many rules and checks; 0: all rules and 100 checks. A daemon "
                  "gives 1,000 at "
                  "most.")
      ->type_name("N")
      ->needs(cost);
  rules
      .add_option("--events", rules_.events,
                  "With --cost: measure over these recorded events, as `replay` takes them, "
                  "instead of asking the daemon.")
      ->type_name("EVENTS")
      ->needs(cost);
  add_rule_changes(rules);
}

void CommandLine::add_rule_changes(CLI::App& rules) {
  using Change = RulesOptions::Change;
  CLI::App& disable = *rules.add_subcommand(
      "disable", "Take a rule out of force in the running daemon, for a while.");
  disable.fallthrough();
  disable.add_option("name", rules_.name, "The rule.")->required()->type_name("NAME");
  disable.add_option("--for", rules_.time, "How long, as 30m or 2h; 7d at most.")
      ->type_name("TIME")
      ->capture_default_str();
  disable.final_callback([this] { rules_.change = Change::kDisable; });
  CLI::App& enable =
      *rules.add_subcommand("enable", "Put a disabled rule in force again before its time.");
  enable.fallthrough();
  enable.add_option("name", rules_.name, "The rule.")->required()->type_name("NAME");
  enable.final_callback([this] { rules_.change = Change::kEnable; });
  CLI::App& disabled =
      *rules.add_subcommand("disabled", "List the rules that are disabled for a while.");
  disabled.fallthrough();
  disabled.final_callback([this] { rules_.change = Change::kList; });
}

void CommandLine::add_config() {
  CLI::App& command =
      *app_.add_subcommand("config", "Print the configuration in force, with where it comes from.");
  add_common_options(command, config_.common);
  CLI::Option_group& forms = *command.add_option_group("form");
  forms.add_flag("--reference", config_.reference, "Every option with its default, as YAML.");
  forms.add_flag("--schema", config_.schema, "The JSON schema, for editors.");
  forms.add_flag("--markdown", config_.markdown, "The table of options.");
  forms
      .add_option("--write-docs", config_.write_docs,
                  "Write the generated files of config/, rules/ and packaging/ below this folder.")
      ->type_name("DIR")
      ->group("");
  forms.require_option(0, 1);
}

void CommandLine::add_completion() {
  CLI::App& command = *app_.add_subcommand("completion", "Print a completion script.");
  command.add_option("shell", shell_, "bash, zsh or fish.")
      ->type_name("SHELL")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

int CommandLine::run(int argc, char** argv) {
  std::string typed;
  for (int at = 0; at < argc; ++at) {
    typed += (at == 0 ? "" : " ") + quoted(argv[at]);
  }
  for (CommonOptions* const options :
       {&run_.common, &check_.common, &replay_.common, &rules_.common, &config_.common,
        &outputs_.common, &status_.common, &alerts_.common, &policy_.common, &selftest_.common,
        &doctor_.common}) {
    options->command_line = typed;
  }
  try {
    std::vector<std::string> words = spread_words({argv + 1, argv + std::max(argc, 1)});
    std::reverse(words.begin(), words.end());  // as CLI11 wants them
    app_.parse(std::move(words));
  } catch (const CLI::Success& done) {
    return app_.exit(done);
  } catch (const CLI::ParseError& error) {
    (void)app_.exit(error);
    return kUsage;
  }
  return dispatch();
}

// What is made of the tree of commands, beside what `config` writes.
int CommandLine::write_packaged() const {
  if (const auto written = write_packaged_docs(config_.write_docs, app_); !written) {
    std::fprintf(stderr, "Error: %s\n", written.error().text().c_str());
    return kError;
  }
  return kSuccess;
}

int CommandLine::dispatch() {
  if (version_) {
    CommonOptions options;
    options.informational.version = true;
    return informational_command(options).value_or(kSuccess);
  }
  const auto named = app_.get_subcommands();
  const std::string name = named.empty() ? std::string() : named.front()->get_name();
  for (const auto& [command, options] :
       {std::pair{"run", &run_.common}, {"check", &check_.common}, {"replay", &replay_.common}}) {
    if (name == command) {
      if (const auto status = informational_command(*options)) {
        return *status;
      }
    }
  }
  if (name == "run") {
    return run_command(run_);
  }
  if (name == "check") {
    return check_command(check_);
  }
  if (name == "replay" && replay_.inputs.empty()) {
    std::fputs("EVENTS is required: files, folders, or - for standard input\n", stderr);
    return kUsage;
  }
  if (name == "replay") {
    return replay_command(replay_);
  }
  if (name == "fields") {
    return fields_command(fields_);
  }
  if (name == "operators") {
    return operators_command(operators_);
  }
  if (name == "rules") {
    return rules_command(rules_);
  }
  if (name == "config") {
    const int status = config_command(config_);
    return status == kSuccess && !config_.write_docs.empty() ? write_packaged() : status;
  }
  if (const auto status = dispatch_store(name)) {
    return *status;
  }
  if (const auto status = dispatch_policy(name)) {
    return *status;
  }
  if (const auto status = dispatch_selfcheck(name)) {
    return *status;
  }
  if (name == "completion") {
    return print(completion_script(app_, shell_));
  }
  std::fputs(app_.help().c_str(), stderr);
  return kUsage;
}

}  // namespace tiercel::app
