#include "command_line.h"

namespace tiercel::app {

namespace {

void add_store_options(CLI::App& command, AlertsOptions& options) {
  add_common_options(command, options.common);
  command.add_option("--store", options.store, "The store's folder, instead of store.path.")
      ->type_name("DIR");
}

CLI::Option* add_list(CLI::App& command, const char* name, std::vector<std::string>& target,
                      const char* help, const char* type) {
  return command.add_option(name, target, help)->allow_extra_args(false)->type_name(type);
}

}  // namespace

void CommandLine::add_status() {
  CLI::App& command = *app_.add_subcommand(
      "status",
      "How the running daemon is, on one screen: whether it is fed, rules, store, outputs. Exit "
      "status 0 where it is ready.");
  add_common_options(command, status_.common);
  command.add_flag("--json", status_.json, "As JSON: what GET /status of the admin port answers.");
}

void CommandLine::add_outputs() {
  CLI::App& command =
      *app_.add_subcommand("outputs",
                           "List the outputs and how those of the running daemon are; test one, "
                           "or resend its dead letters.");
  add_common_options(command, outputs_.common);
  command.add_flag("--kinds", outputs_.kinds, "List the kinds of output that there are.");
  CLI::App& test = *command.add_subcommand(
      "test", "Send one marked alert to an output and print what the other side said.");
  test.fallthrough();
  test.add_option("name", outputs_.name, "The output.")->required()->type_name("NAME");
  CLI::App& resend = *command.add_subcommand(
      "resend", "Deliver an output's dead letters again; what is taken leaves the file.");
  resend.fallthrough();
  resend.add_option("name", outputs_.name, "The output.")->required()->type_name("NAME");
  resend
      .add_option("file", outputs_.file,
                  "A file of dead letters that was moved away; without it all that the output has.")
      ->type_name("FILE");
  resend.final_callback([this] { outputs_.resend = true; });
}

void CommandLine::add_alerts() {
  CLI::App& command = *app_.add_subcommand(
      "alerts", "Query the alert store, also of a running daemon; the oldest first.");
  add_store_options(command, alerts_);
  command
      .add_option(
          "--since", alerts_.since,
          "From this time of the event on: 2026-01-02T03:04:05Z, \"2026-01-02 03:04\" (UTC), "
          "today, yesterday, or 2h for two hours ago.")
      ->type_name("TIME");
  command.add_option("--until", alerts_.until, "Before this time; likewise.")->type_name("TIME");
  add_list(command, "--rule", alerts_.rules, "Of this rule; `*` stands for any run.", "RULE");
  command.add_option("--priority", alerts_.priority, "Of this priority and worse.")
      ->type_name("PRIORITY");
  add_list(command, "--user", alerts_.users, "Caused by this user; `*` stands for any run.",
           "USER");
  add_list(command, "--namespace", alerts_.namespaces, "In this namespace; likewise.", "NAMESPACE");
  add_list(command, "--tag", alerts_.tags, "With this tag; given twice, with both.", "TAG");
  add_list(command, "--id", alerts_.ids, "The alert of this id.", "ID");
  command.add_option("--limit", alerts_.limit, "The newest so many; 0: all.")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000}));
  CLI::Option* const follow = command.add_flag(
      "-f,--follow", alerts_.follow,
      "Print alerts as they are stored; with --since or --limit, older ones first.");
  command.add_flag("--json", alerts_.json, "Whole alerts as JSON, one a line.");
  CLI::Option* const verdicts = command.add_flag("--verdicts", alerts_.verdicts,
                                                 "Add for each output what the present routes and "
                                                 "silences say of the alert: was it held back?");
  command
      .add_option("--count-by", alerts_.count_by,
                  "Numbers instead: rule, priority, user, namespace, cluster, tag, hour or day.")
      ->type_name("COLUMN")
      ->excludes(follow)
      ->excludes(verdicts)
      ->check(CLI::IsMember(
          {"rule", "priority", "user", "namespace", "cluster", "tag", "hour", "day"}));
  CLI::App& verify = *command.add_subcommand(
      "verify", "Check the hash chain of an alert file: was a line removed or changed?");
  verify
      .add_option("--key-file", verify_.key_file,
                  "The key of the chain: the output's hash_chain_key_file.")
      ->type_name("PATH");
  verify.add_option("files", verify_.files, "The file, or its rotated parts, the oldest first.")
      ->required()
      ->type_name("FILE");
}

void CommandLine::add_store() {
  CLI::App& command = *app_.add_subcommand("store", "Work on the alert store.");
  command.require_subcommand(1);
  CLI::App& backup =
      *command.add_subcommand("backup", "Copy the store to a folder, while a daemon may run.");
  add_store_options(backup, alerts_);
  backup.add_option("folder", backup_, "An empty folder, or one to be made.")
      ->required()
      ->type_name("DIR");
}

std::optional<int> CommandLine::dispatch_store(const std::string& name) {
  if (name == "status") {
    return status_command(status_);
  }
  if (name == "outputs") {
    return outputs_command(outputs_);
  }
  if (name == "alerts") {
    return verify_.files.empty() ? alerts_command(alerts_) : alerts_verify_command(verify_);
  }
  if (name == "store") {
    return store_backup_command(alerts_, backup_);
  }
  return std::nullopt;
}

}  // namespace tiercel::app
