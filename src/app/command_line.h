#pragma once

#include <optional>
#include <string>

#include <CLI/App.hpp>

#include "options.h"

namespace tiercel::app {

enum class Command : std::uint8_t {
  kNone,
  kRun,
  kCheck,
  kReplay,
  kFields,
  kOperators,
  kRules,
  kConfig,
  kCompletion
};

/// The command line, parsed: which command, and its options.
class CommandLine {
 public:
  CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  /// Nothing when a command can be run; else the exit status (help printed, or a message
  /// on standard error).
  [[nodiscard]] std::optional<int> parse(int argc, char** argv);

  CLI::App app;
  Command chosen = Command::kNone;
  bool version = false;
  RunOptions run;
  CheckOptions check;
  ReplayOptions replay;
  ListOptions fields;
  ListOptions operators;
  RulesOptions rules;
  ConfigOptions config;
  std::string shell;

 private:
  CLI::App* add_command(const std::string& name, const std::string& doc, Command command);
  void add_common(CLI::App& command, CommonOptions& options);
  void add_falco_flags(CLI::App& command, CommonOptions& options);
  std::optional<int> settle_inputs();
};

}  // namespace tiercel::app
