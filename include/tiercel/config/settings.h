#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tiercel/base/log.h"
#include "tiercel/base/priority.h"
#include "tiercel/base/units.h"
#include "tiercel/config/output_settings.h"
#include "tiercel/config/routing_settings.h"

namespace tiercel::config {

class Schema;

/// `rules_files`, `rules`, `priority`, `rule_matching`.
struct RulesSettings {
  enum class Matching : std::uint8_t { kFirst, kAll };
  /// One element of `rules`.
  struct Step {
    bool enable = false;
    std::optional<std::string> rule;  ///< whole name, `*` stands for any run
    std::optional<std::string> tag;   ///< exact
    friend bool operator==(const Step&, const Step&) = default;
  };

  std::vector<std::string> files{"/etc/tiercel/k8s_audit_rules.yaml", "/etc/tiercel/rules.d"};
  std::vector<Step> selection;
  base::Priority priority = base::Priority::kDebug;
  Matching matching = Matching::kFirst;
};

/// How alerts are written.
struct AlertSettings {
  /// One entry of `append_output`: what to add to the alerts of which rules.
  struct Append {
    struct Field {
      std::string key;
      std::string template_text;  ///< empty for a raw field
      bool raw = false;
      friend bool operator==(const Field&, const Field&) = default;
    };
    std::optional<std::string> match_source;
    std::optional<std::string> match_rule;
    std::vector<std::string> match_tags;
    std::string extra_output;
    bool suggested_output = false;
    std::vector<Field> extra_fields;
    friend bool operator==(const Append&, const Append&) = default;
  };

  bool json_output = false;
  bool json_include_output = true;
  bool json_include_tags = true;
  bool json_include_message = false;
  bool json_include_output_fields = true;
  bool json_include_alert_id = true;
  bool json_include_apiserver = true;
  bool json_include_rules_hash = true;
  bool time_format_iso_8601 = false;
  bool escape_control_characters = true;
  bool redact = true;  ///< in `run`; `replay` and tests show everything unless asked
  std::vector<Append> append_output;
  std::vector<std::pair<std::string, std::string>> static_fields;
};

/// `webserver`: where audit batches and health checks arrive.
struct WebserverSettings {
  bool enabled = true;
  std::vector<std::string> addresses{"127.0.0.1"};
  std::uint32_t port = 8765;
  std::string audit_path = "/k8s_audit";
  std::string health_path = "/healthz";
  bool ssl_enabled = false;
  std::string ssl_certificate = "/etc/tiercel/tiercel.pem";
  std::string ssl_key;        ///< empty: the key stands in ssl_certificate
  std::string ssl_client_ca;  ///< empty: clients need no certificate
  /// Of clients, where there is an ssl_client_ca.
  enum class ClientCertificate : std::uint8_t { kRequired, kOptional };
  ClientCertificate ssl_client_certificate = ClientCertificate::kRequired;
  std::vector<std::string> ssl_client_names;                ///< patterns; empty: any
  std::vector<std::pair<std::string, std::string>> tokens;  ///< name and file of each
  std::vector<std::string> allowed_networks;                ///< CIDR; empty: any
  bool allow_unauthenticated = false;  ///< beyond loopback, with neither token nor certificate
};

/// `admin`: metrics and the API, on a port or a Unix socket of their own.
struct AdminSettings {
  bool enabled = true;
  std::vector<std::string> addresses{"127.0.0.1"};
  std::uint32_t port = 8766;
  std::string socket;  ///< not empty: beside the port
  bool allow_changes = false;
  bool allow_remote = false;
  std::vector<std::string> allowed_hosts;
};

/// `load_plugins` and `plugins`, of which only k8saudit's entry means something here.
struct PluginSettings {
  /// Absent: all entries are loaded.
  std::optional<std::vector<std::string>> load;
};

/// A k8saudit entry of `plugins`, as far as it says where to listen.
struct PluginReceiver {
  std::string host;  ///< empty: all interfaces
  std::uint16_t port = 0;
  std::string path = "/k8s_audit";
  bool tls = false;
  std::string certificate = "/etc/falco/falco.pem";
  friend bool operator==(const PluginReceiver&, const PluginReceiver&) = default;
};

/// What a peer, a batch or an event can cost at most.
struct LimitSettings {
  base::ByteSize max_body{std::uint64_t{1} << 30U};
  base::ByteSize whole_body{std::uint64_t{8} << 20U};
  base::ByteSize max_event{std::uint64_t{16} << 20U};
  base::ByteSize max_header{std::uint64_t{64} << 10U};
  std::uint32_t max_depth = 512;
  base::ByteSize max_in_flight{std::uint64_t{256} << 20U};
  std::uint32_t max_requests = 2048;
  std::uint32_t max_connections = 4096;
  std::uint32_t max_connections_per_peer = 1024;
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds body_timeout{60'000};
  std::chrono::milliseconds idle_timeout{300'000};
  std::chrono::milliseconds write_timeout{30'000};
  base::ByteSize min_body_rate{1024};  ///< a second; 0: none
  std::chrono::milliseconds rate_grace{10'000};
  base::ByteSize drain_size{std::uint64_t{64} << 20U};
  std::chrono::milliseconds drain_timeout{5'000};
};

/// Where bodies and events go that could not be evaluated.
struct QuarantineSettings {
  std::string path = "/var/lib/tiercel/quarantine";
  base::ByteSize max_size{std::uint64_t{256} << 20U};
  std::uint32_t max_files = 1000;
  std::chrono::milliseconds max_age{std::chrono::hours{24 * 7}};
};

/// `store`: every alert, on disk before its batch is acknowledged.
struct StoreSettings {
  enum class Durability : std::uint8_t { kFull, kNormal, kMemory };
  std::string path = "/var/lib/tiercel";
  Durability durability = Durability::kFull;
  std::chrono::milliseconds commit_interval{20};
  base::ByteSize max_size{std::uint64_t{2} << 30U};
  std::chrono::milliseconds max_age{std::chrono::hours{24 * 7}};
  base::ByteSize segment_size{std::uint64_t{256} << 20U};
  base::ByteSize min_free{std::uint64_t{2} << 30U};
  std::uint32_t min_free_percent = 10;
  std::chrono::milliseconds append_timeout{20'000};
};

/// `dead_letter`: what an output did not take and is not tried any more.
struct DeadLetterSettings {
  std::string path;  ///< empty: the folder dead-letter in store.path
  base::ByteSize max_size{std::uint64_t{256} << 20U};
};

/// `file_source`: kube-apiserver's own audit log, followed.
struct FileSourceSettings {
  bool enabled = false;
  std::vector<std::string> paths{"/var/log/kubernetes/audit/audit.log"};
  bool from_beginning = false;
  std::chrono::milliseconds poll_interval{250};
  std::uint32_t max_open_files = 256;
};

/// `stdin_source` and `socket_source`: events through a pipe.
struct PipeSourceSettings {
  bool stdin_enabled = false;
  bool socket_enabled = false;
  std::string socket_path = "/run/tiercel/audit.sock";
  std::uint32_t socket_connections = 64;
};

/// `watch`: when the daemon tells that it may be blind; 0 never.
struct WatchSettings {
  std::chrono::milliseconds silence{std::chrono::minutes{5}};
  std::chrono::milliseconds clock_skew{std::chrono::seconds{10}};
  std::chrono::milliseconds late{std::chrono::minutes{5}};
};

/// `apiserver_metrics`: kube-apiservers asked how many events they have sent.
struct ApiserverMetricsSettings {
  std::vector<std::string> urls;
  std::chrono::milliseconds interval{std::chrono::seconds{30}};
  std::chrono::milliseconds grace{std::chrono::minutes{3}};
  std::string ca_file;
  std::string client_certificate;
  std::string client_key;
  std::string token_file;
  bool insecure = false;
};

/// Our own log.
struct LogSettings {
  enum class Format : std::uint8_t { kText, kJson };
  base::LogLevel level = base::LogLevel::kInfo;
  bool to_stderr = true;
  bool to_syslog = false;
  Format format = Format::kText;
};

struct ProcessSettings {
  /// One entry of `config_files`.
  struct Include {
    std::string path;
    std::string strategy = "append";
    friend bool operator==(const Include&, const Include&) = default;
  };

  std::vector<Include> config_files;
  std::uint32_t io_threads = 0;  ///< 0: min(4, cores / 4), at least 1
  std::chrono::milliseconds shutdown_timeout{20'000};
  bool watch_config_files = true;
};

/// Everything that can be configured, with its defaults. Plain values: other rooms
/// make their own options from them.
struct Settings {
  RulesSettings rules;
  AlertSettings alerts;
  OutputSettings outputs;
  RoutingSettings routing;
  WebserverSettings webserver;
  AdminSettings admin;
  PluginSettings plugins;
  std::optional<PluginReceiver> plugin_receiver;
  LimitSettings limits;
  QuarantineSettings quarantine;
  StoreSettings store;
  DeadLetterSettings dead_letter;
  FileSourceSettings file_source;
  PipeSourceSettings pipe_sources;
  WatchSettings watch;
  ApiserverMetricsSettings apiserver_metrics;
  LogSettings log;
  ProcessSettings process;
};

/// The options of all sections, bound to `settings`, which must outlive the result.
[[nodiscard]] Schema describe(Settings& settings);

/// One port to open and what it answers.
struct Listener {
  std::vector<std::string> hosts;  ///< addresses or names; empty text: all interfaces
  std::uint16_t port = 0;
  bool tls = false;
  std::string certificate;
  std::string key;        ///< empty: in the certificate's file
  std::string client_ca;  ///< empty: clients need no certificate
  bool client_certificate_required = true;
  std::vector<std::string> audit_paths;  ///< none: no audit batches on this port
  std::string health_path;               ///< empty: no health check on this port
  std::string socket;                    ///< a Unix socket instead of hosts and port
  friend bool operator==(const Listener&, const Listener&) = default;
};

/// The ports that the settings ask for: the receiver of `plugins` and the webserver
/// beside it, or the webserver as receiver; one where both name the same port.
[[nodiscard]] std::vector<Listener> listeners(const Settings& settings);

/// Where metrics and the API are served; nothing where `admin.enabled` is false.
[[nodiscard]] std::optional<Listener> admin_listener(const Settings& settings);

/// Whether whoever posts audit batches to this port must prove who it is.
[[nodiscard]] bool asks_for_proof(const Settings& settings, const Listener& listener);

/// Whether events can have a cluster of this name: as a label's value in Kubernetes, and not empty.
[[nodiscard]] bool is_cluster_name(std::string_view text);

/// Whether an address can be reached from this host alone.
[[nodiscard]] bool is_loopback(std::string_view address);

/// Whether it stands for all interfaces, IPv6 and IPv4.
[[nodiscard]] bool is_every_interface(std::string_view host);

/// `io_threads`, or its default for a machine of `cores`.
[[nodiscard]] std::uint32_t io_threads(const ProcessSettings& settings, std::uint32_t cores);

}  // namespace tiercel::config
