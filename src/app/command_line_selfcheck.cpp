#include "command_line.h"

namespace tiercel::app {

void CommandLine::add_selfcheck() {
  CLI::App& selftest = *app_.add_subcommand(
      "selftest",
      "Send one made-up event for each loaded rule to the running daemon, marked as a test, and "
      "look whether its alert is stored and delivered. Exit status 3 where some rule could not be "
      "tested.");
  add_common_options(selftest, selftest_.common);
  selftest.add_flag("--json", selftest_.json, "One JSON object a rule.");
  selftest
      .add_option("--timeout", selftest_.timeout,
                  "How long to wait for the store, and then for the outputs.")
      ->type_name("SECONDS");
  selftest
      .add_option("--ca", selftest_.ca,
                  "Check the daemon's certificate with this authority; else it is not checked.")
      ->type_name("PATH");
  selftest
      .add_option("--client-cert", selftest_.certificate,
                  "Certificate of a client, where the port wants one.")
      ->type_name("PATH");
  selftest.add_option("--client-key", selftest_.key, "Its key.")->type_name("PATH");
  selftest
      .add_option("--token-file", selftest_.token_file, "Bearer token, where the port wants one.")
      ->type_name("PATH");

  CLI::App& doctor = *app_.add_subcommand(
      "doctor",
      "Look at everything between kube-apiserver and the outputs, and say of each what is wrong "
      "and what to do. Exit status 1 where something is wrong; warnings alone give 0.");
  add_common_options(doctor, doctor_.common);
  doctor.add_flag("--json", doctor_.json, "The findings as a JSON array.");
  doctor
      .add_option("--kubeconfig", doctor_.kubeconfig,
                  "The file of --audit-webhook-config-file; without it the manifest's.")
      ->type_name("PATH");
  doctor
      .add_option("--manifest", doctor_.manifest,
                  "kube-apiserver's static pod manifest: "
                  "/etc/kubernetes/manifests/kube-apiserver.yaml with kubeadm.")
      ->type_name("PATH");
  doctor
      .add_option("--policy", doctor_.policy,
                  "The file of --audit-policy-file; without it the manifest's.")
      ->type_name("PATH");
  doctor.add_option("--etcd", doctor_.etcd, "etcd's data folder.")->type_name("DIR");
}

std::optional<int> CommandLine::dispatch_selfcheck(const std::string& name) {
  if (name == "selftest") {
    return selftest_command(selftest_);
  }
  if (name == "doctor") {
    return doctor_command(doctor_);
  }
  return std::nullopt;
}

}  // namespace tiercel::app
