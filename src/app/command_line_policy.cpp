#include "apiserver_setup.h"
#include "command_line.h"

namespace tiercel::app {

void CommandLine::add_policy() {
  CLI::App& command = *app_.add_subcommand(
      "policy", "What an audit policy of kube-apiserver lets the loaded rules see.");
  command.require_subcommand(1);
  CLI::App& check = *command.add_subcommand(
      "check",
      "Find the loaded rules that can never fire, misfire or see only part of what they need under "
      "a policy, with what to change. Exit status 1 where the policy is one that kube-apiserver "
      "refuses, or a rule can never fire under it.");
  add_common_options(check, policy_.common);
  check.add_option("policy", policy_.file, "The policy, as --audit-policy-file names it.")
      ->required()
      ->type_name("POLICY");
  check.add_flag("--json", policy_.json, "Print the findings as JSON.");
  CLI::App& generate = *command.add_subcommand(
      "generate", "Print the smallest policy under which all loaded rules work.");
  add_common_options(generate, policy_.common);
  generate
      .add_option(
          "--events", policy_.events,
          "Estimate the policy's volume over these recorded events, as `replay` takes them.")
      ->type_name("EVENTS");
}

void CommandLine::add_kubeconfig() {
  CLI::App& command = *app_.add_subcommand(
      "kubeconfig",
      "Print the file that --audit-webhook-config-file of kube-apiserver names, and with --for how "
      "to set up an API server with it, as comments.");
  command
      .add_option("--server", kubeconfig_.server,
                  "Where batches are posted, such as http://127.0.0.1:8765/k8s_audit.")
      ->required()
      ->type_name("URL");
  command.add_option("--ca", kubeconfig_.ca, "The authority that signed tiercel's certificate.")
      ->type_name("PATH");
  command.add_option("--client-cert", kubeconfig_.client_cert, "The API server's certificate.")
      ->type_name("PATH");
  command.add_option("--client-key", kubeconfig_.client_key, "The key of that certificate.")
      ->type_name("PATH");
  command
      .add_option("--token", kubeconfig_.token,
                  "A bearer token; other users of this host can see it meanwhile.")
      ->type_name("TOKEN");
  command.add_option("--token-file", kubeconfig_.token_file, "A file that holds the bearer token.")
      ->type_name("PATH");
  command
      .add_option("--dir", kubeconfig_.folder, "Where the API server finds policy and kubeconfig.")
      ->type_name("DIR")
      ->capture_default_str();
  std::vector<std::string> names = distribution_names();
  names.emplace_back("all");
  command
      .add_option("--for", kubeconfig_.distributions,
                  "How to set it up: kubeadm, k3s, rke2, talos, kind or all.")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("NAME")
      ->check(CLI::IsMember(names));
}

std::optional<int> CommandLine::dispatch_policy(const std::string& name) {
  if (name == "kubeconfig") {
    return kubeconfig_command(kubeconfig_);
  }
  if (name != "policy") {
    return std::nullopt;
  }
  return app_.get_subcommand("policy")->got_subcommand("check") ? policy_check_command(policy_)
                                                                : policy_generate_command(policy_);
}

}  // namespace tiercel::app
