#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tiercel/audit/decode.h"
#include "tiercel/base/diagnostic.h"
#include "tiercel/config/load.h"
#include "tiercel/engine/rule_set.h"

namespace tiercel::app {

/// Exit statuses, a contract with scripts.
enum ExitStatus : int { kSuccess = 0, kError = 1, kUsage = 2, kUnreadable = 3 };

inline constexpr const char* kDefaultConfig = "/etc/tiercel/tiercel.yaml";

/// Falco's flags that print something and end, in the order in which they win.
struct InformationalOptions {
  bool config_schema = false;
  bool version = false;
  std::optional<std::string> plugin_info;
  bool list_plugins = false;
  bool list_fields = false;
  std::string list_source;  ///< --list=SOURCE
  bool names_only = false;  ///< -N
  bool markdown = false;
  std::string format;                        ///< text, markdown, json
  bool verbose = false;                      ///< -v
  std::vector<std::string> validate;         ///< -V
  bool list_rules = false;                   ///< -L
  std::optional<std::string> describe_rule;  ///< -l
  bool support = false;
};

/// What `run`, `check`, `replay` and the listings have in common; Falco's letters.
struct CommonOptions {
  std::optional<std::string> config;            ///< -c
  std::vector<std::string> rules;               ///< -r
  std::vector<std::string> overrides;           ///< -o
  std::vector<std::string> disable_substrings;  ///< -D
  std::vector<std::string> disable_tags;        ///< -T
  std::vector<std::string> only_tags;           ///< -t
  std::vector<std::string> disabled_rules;      ///< in the running daemon, for a while
  std::string print_format;                     ///< -p
  std::string command_line;                     ///< as typed, for --support
  InformationalOptions informational;
};

struct ReplayOptions {
  CommonOptions common;
  std::vector<std::string> inputs;
  bool json = false;
  bool strict = false;
  bool quiet = false;
  bool redact = false;   ///< --redact
  unsigned threads = 0;  ///< 0: all cores
};

struct CheckOptions {
  CommonOptions common;
  bool json = false;
};

struct RunOptions {
  CommonOptions common;
  bool dry_run = false;
  std::string pidfile;
  std::uint64_t seconds = 0;  ///< -M; 0: until it is told to end
};

/// `fields`, `operators`.
struct ReferenceCommandOptions {
  bool markdown = false;
  bool json = false;
  bool names_only = false;
  bool types = false;
  std::string source;
};

/// `outputs`, `outputs test NAME`, `outputs resend NAME [FILE]`.
struct OutputsOptions {
  CommonOptions common;
  bool kinds = false;
  std::string name;  ///< to test or to deliver to; empty: list them
  bool resend = false;
  std::string file;  ///< of dead letters; empty: the output's own
};

/// `status`.
struct StatusOptions {
  CommonOptions common;
  bool json = false;
};

/// `alerts`, and the store of `store backup`.
struct AlertsOptions {
  CommonOptions common;
  std::string store;
  std::string since;
  std::string until;
  std::string priority;
  std::vector<std::string> rules;
  std::vector<std::string> users;
  std::vector<std::string> namespaces;
  std::vector<std::string> tags;
  std::vector<std::string> ids;
  std::uint64_t limit = 0;
  bool follow = false;
  bool json = false;
  bool verdicts = false;
  std::string count_by;
};

/// `alerts verify`.
struct VerifyOptions {
  std::vector<std::string> files;
  std::string key_file;
};

/// `policy check FILE`, `policy generate`.
struct PolicyOptions {
  CommonOptions common;
  std::string file;
  bool json = false;
  std::vector<std::string> events;  ///< to estimate the volume by
};

/// `kubeconfig`.
struct KubeconfigOptions {
  std::string server;
  std::string ca;
  std::string client_cert;
  std::string client_key;
  std::string token;
  std::string token_file;
  std::string folder = "/etc/kubernetes/audit";
  std::vector<std::string> distributions;  ///< empty: the kubeconfig alone
};

struct RulesOptions {
  CommonOptions common;
  bool json = false;
  bool cost = false;                ///< what each rule costs
  std::size_t top = 20;             ///< rows; 0: all
  std::vector<std::string> events;  ///< to measure instead of asking the daemon
  // `rules disable NAME`, `rules enable NAME`, `rules disabled`.
  enum class Change : std::uint8_t { kNone, kDisable, kEnable, kList };
  Change change = Change::kNone;
  std::string name;
  std::string time = "1h";
};

/// `selftest`.
struct SelftestOptions {
  CommonOptions common;
  bool json = false;
  std::uint64_t timeout = 30;  ///< seconds
  std::string ca;              ///< of the daemon's certificate; empty: not checked
  std::string certificate;     ///< a client's, where the port wants one
  std::string key;
  std::string token_file;
};

/// `doctor`.
struct DoctorOptions {
  CommonOptions common;
  bool json = false;
  std::string kubeconfig;
  std::string manifest;
  std::string policy;
  std::string etcd = "/var/lib/etcd";
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
/// Our own log as the settings say, from now on.
void configure_logging(const config::Settings& settings);
/// What alerts are rendered as: lines as `json_output` and its kin say, or what the store
/// keeps, from which outputs make their lines.
enum class Bodies : std::uint8_t { kPrinted, kStored };
/// Reads -r where given, else the configuration's rules_files, and compiles them. Without a
/// rule set where `diagnostics`, which may hold mistakes from before, has errors afterwards.
[[nodiscard]] engine::LoadResult load_all(const CommonOptions& options,
                                          const config::Settings& settings, Bodies bodies,
                                          base::Diagnostics& diagnostics);
/// The first half of it: the rules files as they are.
[[nodiscard]] std::vector<rules::RulesFile> read_rules(const CommonOptions& options,
                                                       const config::Settings& settings,
                                                       base::Diagnostics& diagnostics);
/// The second half.
[[nodiscard]] engine::LoadResult compile_rules(const CommonOptions& options,
                                               const config::Settings& settings, Bodies bodies,
                                               const std::vector<rules::RulesFile>& files,
                                               base::Diagnostics& diagnostics);
[[nodiscard]] alert::AlertOptions alert_options(const CommonOptions& options,
                                                const config::AlertSettings& settings);
/// The same for what the store keeps: JSON with every member.
[[nodiscard]] alert::AlertOptions stored_alert_options(const CommonOptions& options,
                                                       const config::AlertSettings& settings);
/// The same for alerts of our own.
[[nodiscard]] alert::AlertOptions internal_alert_options(const CommonOptions& options,
                                                         const config::AlertSettings& settings,
                                                         const engine::RuleSet& rules);
/// What evt.* and static.* fields read.
[[nodiscard]] audit::FieldContext field_context(const config::Settings& settings);
[[nodiscard]] audit::DecodeLimits decode_limits(const config::Settings& settings);
/// FALCO_HOSTNAME, else the system's name.
[[nodiscard]] std::string host_name();

/// Prints diagnostics to standard error, with colour on a terminal; nothing when empty.
void print_diagnostics(const base::Diagnostics& diagnostics);
/// On for a terminal without NO_COLOR.
[[nodiscard]] base::Colour colour_of(int descriptor);
/// Writes the text to standard output. The exit status: kError where it does not take it.
[[nodiscard]] int print(std::string_view text);

int run_command(const RunOptions& options);
int check_command(const CheckOptions& options);
int replay_command(const ReplayOptions& options);
int fields_command(const ReferenceCommandOptions& options);
int operators_command(const ReferenceCommandOptions& options);
int outputs_command(const OutputsOptions& options);
int status_command(const StatusOptions& options);
/// Delivers an output's dead letters again.
int resend_command(const OutputsOptions& options, const config::Settings& settings,
                   const config::NamedOutput& output);
int alerts_command(const AlertsOptions& options);
/// Checks the hash chain of an alert file and its rotated parts, the oldest first.
int alerts_verify_command(const VerifyOptions& options);
int store_backup_command(const AlertsOptions& options, const std::string& folder);
int rules_command(const RulesOptions& options);
int policy_check_command(const PolicyOptions& options);
int policy_generate_command(const PolicyOptions& options);
int kubeconfig_command(const KubeconfigOptions& options);
/// `rules disable`, `rules enable`, `rules disabled`: said to the running daemon.
int rule_change_command(const RulesOptions& options);
/// `rules --cost`.
int cost_command(const RulesOptions& options);
int config_command(const ConfigOptions& options);
int selftest_command(const SelftestOptions& options);
int doctor_command(const DoctorOptions& options);
/// Falco's flags that print and end; nothing when none of them was given.
[[nodiscard]] std::optional<int> informational_command(const CommonOptions& options);

/// Falco's -L and -l: every loaded rule, or the one of this name, as text or JSON.
[[nodiscard]] std::string describe_rules(const engine::LoadResult& rules,
                                         const std::optional<std::string>& name, bool json);
/// Falco's -V over one file's diagnostics each.
[[nodiscard]] int validate_files(const std::vector<std::string>& files, bool json);

}  // namespace tiercel::app
