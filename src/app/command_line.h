#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "options.h"

namespace tiercel::app {

/// The program's command line: a tree of commands bound to their options. Shell completion is
/// made from the same tree.
class CommandLine {
 public:
  CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  /// Parses and runs the command that was named. The exit status.
  int run(int argc, char** argv);
  [[nodiscard]] const CLI::App& tree() const { return app_; }

 private:
  void add_run();
  void add_check();
  void add_replay();
  void add_listings();
  void add_rule_changes(CLI::App& rules);
  void add_config();
  void add_completion();
  void add_outputs();
  void add_status();
  void add_alerts();
  void add_store();
  void add_policy();
  void add_kubeconfig();
  void add_selfcheck();
  int dispatch();
  [[nodiscard]] int write_packaged() const;
  [[nodiscard]] std::optional<int> dispatch_store(const std::string& name);
  [[nodiscard]] std::optional<int> dispatch_policy(const std::string& name);
  [[nodiscard]] std::optional<int> dispatch_selfcheck(const std::string& name);

  CLI::App app_{"Detection on the Kubernetes audit stream, in Falco's rule language.", "tiercel"};
  RunOptions run_;
  CheckOptions check_;
  ReplayOptions replay_;
  ReferenceCommandOptions fields_;
  ReferenceCommandOptions operators_;
  RulesOptions rules_;
  ConfigOptions config_;
  OutputsOptions outputs_;
  StatusOptions status_;
  AlertsOptions alerts_;
  VerifyOptions verify_;
  PolicyOptions policy_;
  KubeconfigOptions kubeconfig_;
  SelftestOptions selftest_;
  DoctorOptions doctor_;
  std::string backup_;  // folder of `store backup`
  std::string shell_;
  bool version_ = false;
};

/// -c, -r, -o and Falco's other letters, on one command.
void add_common_options(CLI::App& command, CommonOptions& options);
/// -V, -L, -l, --list and what else prints and ends in Falco.
void add_informational_options(CLI::App& command, InformationalOptions& options);
/// Falco's flags that mean nothing here: some are taken without effect, the others refused
/// with what to do instead.
void add_foreign_options(CLI::App& command);

}  // namespace tiercel::app
