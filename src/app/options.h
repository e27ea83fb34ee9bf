#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tiercel/base/diagnostic.h"
#include "tiercel/config/load.h"
#include "tiercel/engine/rule_set.h"

namespace tiercel::app {

/// Exit statuses, a contract with scripts.
enum ExitStatus : int { kSuccess = 0, kError = 1, kUsage = 2, kUnreadable = 3 };

/// What `run`, `check` and `replay` have in common; Falco's letters.
struct CommonOptions {
  std::optional<std::string> config;            // -c
  std::vector<std::string> rules;               // -r
  std::vector<std::string> overrides;           // -o
  std::vector<std::string> disable_substrings;  // -D
  std::vector<std::string> disable_tags;        // -T
  std::vector<std::string> only_tags;           // -t
  std::string print_format;                     // -p
  std::vector<std::string> validate;            // -V
  bool list_rules = false;                      // -L
  std::optional<std::string> describe_rule;     // -l
  std::optional<std::string> list_fields;       // --list[=SOURCE]
  bool names_only = false;                      // -N
};

struct ReplayOptions {
  CommonOptions common;
  std::vector<std::string> inputs;
  bool json = false;
  bool strict = false;
  bool quiet = false;
  unsigned threads = 0;  // 0: all cores
};

struct CheckOptions {
  CommonOptions common;
  bool json = false;
};

struct RunOptions {
  CommonOptions common;
  bool dry_run = false;
  std::string pidfile;
};

struct ListOptions {
  std::string form = "text";  // text, markdown, json
  bool names_only = false;
  std::string source;
};

struct RulesOptions {
  CommonOptions common;
  bool json = false;
};

struct ConfigOptions {
  CommonOptions common;
  bool reference = false;
  bool schema = false;
  bool markdown = false;
  std::string write_docs;
};

/// Settings of a command: the config file where one is named, else defaults, with -o.
[[nodiscard]] config::Loaded load_config(const CommonOptions& options, config::Purpose purpose,
                                         base::Diagnostics& diagnostics);
/// -r where given, else the configuration's rules_files.
[[nodiscard]] std::vector<rules::RulesFile> read_rules(const CommonOptions& options,
                                                       const config::Settings& settings,
                                                       base::Diagnostics& diagnostics);
[[nodiscard]] engine::CompileOptions compile_options(const CommonOptions& options,
                                                     const config::Settings& settings);
/// What evt.* and static.* fields read.
[[nodiscard]] audit::FieldContext field_context(const config::Settings& settings);
/// FALCO_HOSTNAME, else the system's name.
[[nodiscard]] std::string host_name();

/// Prints diagnostics to standard error, with colour on a terminal; nothing when empty.
void print_diagnostics(const base::Diagnostics& diagnostics);
[[nodiscard]] base::Colour colour_of(int descriptor);

int run_command(const RunOptions& options);
int check_command(const CheckOptions& options);
int replay_command(const ReplayOptions& options);
int fields_command(const ListOptions& options);
int operators_command(const ListOptions& options);
int rules_command(const RulesOptions& options);
int config_command(const ConfigOptions& options);
/// Falco's -V, -L, -l and --list in front of a command; nothing when none was given.
[[nodiscard]] std::optional<int> informational(const CommonOptions& options, bool json);

}  // namespace tiercel::app
