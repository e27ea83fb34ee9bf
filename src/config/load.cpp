#include "tiercel/config/load.h"

#include <algorithm>
#include <initializer_list>

#include "tiercel/config/reader.h"

#include "families.h"

namespace tiercel::config {

namespace {

// What no single option can see.
class Checks {
 public:
  Checks(const Document& document, const Loaded& loaded, Reporter& reporter)
      : document_(document), loaded_(loaded), reporter_(reporter) {}

  void relations() {
    retries();
    const LimitSettings& limits = loaded_.settings.limits;
    if (limits.whole_body > limits.max_body) {
      reporter_.error(Code::kConflict, place_of({"limits.whole_body", "limits.max_body"}),
                      "'limits.whole_body' must not be larger than 'limits.max_body'");
    }
    if (limits.max_connections_per_peer > limits.max_connections) {
      reporter_.error(
          Code::kConflict, place_of({"limits.max_connections", "limits.max_connections_per_peer"}),
          "'limits.max_connections_per_peer' must not be larger than 'limits.max_connections'");
    }
    const StoreSettings& store = loaded_.settings.store;
    if (store.append_timeout <= store.commit_interval) {
      reporter_.error(Code::kConflict, place_of({"store.append_timeout", "store.commit_interval"}),
                      "'store.append_timeout' must be longer than 'store.commit_interval'");
    }
    if (is_set("rules_file") && is_set("rules_files")) {
      reporter_.error(Code::kConflict, place_of({"rules_file"}),
                      "'rules_file' and 'rules_files' exclude each other");
    }
  }

  void retries() {
    for (const NamedOutput& output : loaded_.settings.outputs.list) {
      if (output.delivery.retry_min > output.delivery.retry_max) {
        const std::string name = output.section + ".retry_min";
        reporter_.error(Code::kConflict, place_of({name, output.section}),
                        "'" + name + "' must not be longer than 'retry_max'");
      }
    }
  }

  void webserver() {
    const WebserverSettings& webserver = loaded_.settings.webserver;
    const std::optional<PluginReceiver>& receiver = loaded_.settings.plugin_receiver;
    if (!webserver.enabled) {
      return;
    }
    const bool same_port = receiver && receiver->port != 0 && receiver->port == webserver.port;
    if (same_port && receiver->tls != webserver.ssl_enabled) {
      reporter_.error(Code::kConflict, place_of({"webserver.listen_port", "plugins"}),
                      "'webserver' and the k8saudit entry of 'plugins' share port " +
                          std::to_string(receiver->port) + ", one with TLS and one without",
                      {"give them different ports, or make 'ssl_enabled' agree with open_params"});
    }
    const std::string& audit_path = receiver && same_port ? receiver->path : webserver.audit_path;
    if ((!receiver || same_port) && audit_path == webserver.health_path) {
      reporter_.error(
          Code::kConflict,
          place_of({"webserver.k8s_audit_endpoint", "webserver.k8s_healthz_endpoint", "plugins"}),
          "audit batches and health checks cannot share the path '" + audit_path + "'");
    }
    if (webserver.ssl_enabled && webserver.ssl_certificate.empty()) {
      reporter_.error(Code::kBadValue,
                      place_of({"webserver.ssl_certificate", "webserver.ssl_enabled"}),
                      "'webserver.ssl_enabled' needs a certificate in 'webserver.ssl_certificate'");
    }
    if (webserver.addresses.empty()) {
      reporter_.error(Code::kBadValue, place_of({"webserver.listen_address", "webserver"}),
                      "'webserver.listen_address' names no address");
    }
    note_loopback();
  }

  void admin() {
    const AdminSettings& admin = loaded_.settings.admin;
    if (!admin.enabled) {
      return;
    }
    if (admin.addresses.empty()) {
      if (admin.socket.empty()) {
        reporter_.error(Code::kBadValue, place_of({"admin.listen_address", "admin"}),
                        "'admin.listen_address' names no address, and there is no 'admin.socket'");
      }
      return;
    }
    const auto wide = std::find_if_not(admin.addresses.begin(), admin.addresses.end(),
                                       [](const auto& address) { return is_loopback(address); });
    if (wide != admin.addresses.end() && !admin.allow_remote) {
      reporter_.error(
          Code::kConflict, place_of({"admin.listen_address"}),
          "'admin.listen_address' is " + *wide +
              ", which others can reach, and the admin port asks nobody who they are",
          {"take 127.0.0.1, or [] and 'admin.socket', or set 'admin.allow_remote: true' where a "
           "firewall says who may connect"});
    } else if (wide != admin.addresses.end()) {
      reporter_.warning(Code::kAdminRemote, place_of({"admin.allow_remote"}),
                        "the admin port listens on " + *wide +
                            ": whoever reaches it reads rules, figures and errors of outputs" +
                            (admin.allow_changes ? ", and may disable rules (allow_changes)" : ""),
                        {"let a firewall or NetworkPolicy decide who that is"});
    }
    for (const Listener& other : listeners(loaded_.settings)) {
      if (admin.port != 0 && admin.port == other.port && shares_address(other)) {
        reporter_.error(
            Code::kConflict, place_of({"admin.listen_port", "webserver.listen_port"}),
            "the admin port and the audit port are both " + std::to_string(admin.port),
            {"set 'admin.listen_port' to another port, or 'admin.listen_address: []' and "
             "'admin.socket'"});
      }
    }
  }

  void runnable() {
    who_may_post();
    const OutputSettings& outputs = loaded_.settings.outputs;
    if (std::none_of(outputs.list.begin(), outputs.list.end(),
                     [](const NamedOutput& output) { return output.enabled; })) {
      reporter_.error(Code::kNoOutput, {}, "No output configured: alerts would go nowhere",
                      {"write: stdout_output: {enabled: true}",
                       "or: file_output: {enabled: true, filename: /var/log/tiercel/alerts.log}"});
    }
    const Settings& settings = loaded_.settings;
    if (settings.file_source.enabled && settings.file_source.paths.empty()) {
      reporter_.error(Code::kBadValue, place_of({"file_source.paths", "file_source"}),
                      "'file_source.enabled' is true and 'file_source.paths' names no file",
                      {"set it to what kube-apiserver's --audit-log-path says, as in: "
                       "file_source: {enabled: true, paths: [/var/log/kubernetes/audit.log]}"});
    }
    if (!settings.webserver.enabled && !settings.plugin_receiver && !settings.file_source.enabled &&
        !settings.pipe_sources.stdin_enabled && !settings.pipe_sources.socket_enabled) {
      reporter_.error(Code::kNoSource, place_of({"webserver.enabled", "webserver"}),
                      "'webserver.enabled' is false and nothing else receives audit batches",
                      {"set it to true, or enable 'file_source', 'stdin_source' or "
                       "'socket_source', or add a k8saudit entry to 'plugins'"});
    }
  }

 private:
  // DIFFERS FROM FALCO: there no address meant all interfaces.
  void note_loopback() {
    const Node* const section = document_.root.find("webserver");
    if (section != nullptr && !loaded_.settings.plugin_receiver &&
        section->find("listen_address") == nullptr &&
        !document_.sources.text(section->place.source).is_flag) {
      reporter_.note(Code::kLoopbackOnly, section->place,
                     "listens on 127.0.0.1 only; 'webserver.listen_address' widens it");
    }
  }

  // Whether the admin port could not be bound beside this one.
  [[nodiscard]] bool shares_address(const Listener& other) const {
    const auto is_any = [](const std::string& host) {
      return is_every_interface(host) || host == "0.0.0.0";
    };
    const std::vector<std::string>& ours = loaded_.settings.admin.addresses;
    return std::any_of(ours.begin(), ours.end(), is_any) ||
           std::any_of(other.hosts.begin(), other.hosts.end(), [&](const std::string& host) {
             return is_any(host) || std::find(ours.begin(), ours.end(), host) != ours.end();
           });
  }

  // What the daemon could not use, or would open to everybody.
  void who_may_post() {
    const WebserverSettings& webserver = loaded_.settings.webserver;
    const std::vector<Listener> ports = listeners(loaded_.settings);
    const auto has_audit_port = [&ports](const auto& is_such) {
      return std::any_of(ports.begin(), ports.end(), [&](const Listener& port) {
        return !port.audit_paths.empty() && is_such(port);
      });
    };
    const auto cannot_show = [](const Listener& port) {
      return !port.tls || port.client_ca.empty();
    };
    if (!webserver.ssl_client_names.empty() && has_audit_port(cannot_show)) {
      reporter_.error(Code::kConflict, place_of({"webserver.ssl_client_names"}),
                      "'webserver.ssl_client_names' needs certificates to look at",
                      {"set 'ssl_enabled' and 'ssl_client_ca'"});
    }
    if (!webserver.ssl_client_names.empty() && webserver.tokens.empty() &&
        webserver.ssl_client_certificate == WebserverSettings::ClientCertificate::kOptional) {
      reporter_.warning(Code::kConflict, place_of({"webserver.ssl_client_names"}),
                        "'webserver.ssl_client_names' keeps nobody out: a client may post without "
                        "any certificate",
                        {"set 'ssl_client_certificate: required', or 'tokens' for those without"});
    }
    const bool is_certificate_required =
        webserver.ssl_enabled && !webserver.ssl_client_ca.empty() &&
        webserver.ssl_client_certificate == WebserverSettings::ClientCertificate::kRequired;
    if (is_certificate_required && has_audit_port(cannot_show)) {
      reporter_.error(Code::kConflict, place_of({"webserver.ssl_client_ca", "plugins"}),
                      "'webserver.ssl_client_ca' requires certificates, and the k8saudit entry of "
                      "'plugins' opens a port that asks for none: it would refuse every batch",
                      {"let open_params name https and the port of 'webserver', set "
                       "'ssl_client_certificate: optional', or leave the entry of 'plugins' out"});
    }
    if (!webserver.tokens.empty() &&
        has_audit_port([](const Listener& port) { return !port.tls; })) {
      reporter_.warning(Code::kConflict, place_of({"webserver.tokens"}),
                        "'webserver.tokens' are set and audit batches come without TLS: "
                        "kube-apiserver sends tokens over https only",
                        {"set 'ssl_enabled', unless something in front of this port adds them"});
    }
    const auto is_wide = [](const Listener& port) {
      return !std::all_of(port.hosts.begin(), port.hosts.end(), &is_loopback);
    };
    if (has_audit_port(is_wide)) {
      tell_empty();
    }
    const auto is_open = [&](const Listener& port) {
      return is_wide(port) && !asks_for_proof(loaded_.settings, port);
    };
    if (has_audit_port(is_open)) {
      tell_open(has_audit_port(
          [&](const Listener& port) { return is_open(port) && !is_opened_by_plugin(port); }));
    }
  }

  // What was begun and asks for nothing.
  void tell_empty() {
    const WebserverSettings& webserver = loaded_.settings.webserver;
    const auto tell = [this](bool is_empty, std::string_view key, const std::string& effect,
                             const std::string& remedy) {
      if (is_empty && is_set(key)) {
        reporter_.warning(Code::kBadValue, place_of({key}),
                          "'" + std::string(key) + "' is empty, which " + effect,
                          {remedy + ", or leave the key out"});
      }
    };
    tell(webserver.allowed_networks.empty(), "webserver.allowed_networks", "allows every network",
         "list the networks that may send");
    tell(webserver.tokens.empty(), "webserver.tokens", "asks nobody for a token",
         "name the files of tokens");
    tell(webserver.ssl_client_names.empty(), "webserver.ssl_client_names",
         "allows every name in a client's certificate", "list the names that may send");
  }

  // Whether the k8saudit entry of `plugins` alone names all that others can reach of the port.
  [[nodiscard]] bool is_opened_by_plugin(const Listener& port) const {
    const auto& receiver = loaded_.settings.plugin_receiver;
    return receiver &&
           std::all_of(port.hosts.begin(), port.hosts.end(), [&](const std::string& host) {
             return is_loopback(host) || host == receiver->host ||
                    (is_every_interface(host) && is_every_interface(receiver->host));
           });
  }

  void tell_open(bool is_by_webserver) {
    const Place place =
        is_by_webserver ? place_of({"webserver.listen_address", "plugins"}) : place_of({"plugins"});
    const std::string message =
        "the port of audit batches is open to others and nothing proves who they are: whoever "
        "reaches it can forge events";
    const std::string remedy = "set 'tokens', or 'ssl_client_ca' with certificates required";
    // Falco knows no such proof, so that its own configuration is loaded all the same where its
    // plugin alone is told to listen so.
    if (loaded_.settings.webserver.allow_unauthenticated || !is_by_webserver) {
      reporter_.warning(Code::kUnauthenticated, place, message, {remedy});
    } else {
      reporter_.error(Code::kUnauthenticated, place, message,
                      {remedy, "or accept it: webserver: {allow_unauthenticated: true}"});
    }
  }

  [[nodiscard]] bool is_set(std::string_view path) const {
    return loaded_.origins.find(path) != loaded_.origins.end();
  }

  [[nodiscard]] const Node* node_at(std::string_view path) const {
    const Node* node = &document_.root;
    while (node != nullptr && !path.empty()) {
      const std::size_t dot = std::min(path.find('.'), path.size());
      node = node->find(path.substr(0, dot));
      path.remove_prefix(std::min(dot + 1, path.size()));
    }
    return node;
  }

  // Where the first of these that is written stands, else the main file.
  [[nodiscard]] Place place_of(std::initializer_list<std::string_view> paths) const {
    for (const std::string_view path : paths) {
      if (const Node* const node = node_at(path)) {
        return node->place;
      }
    }
    return {};
  }

  const Document& document_;
  const Loaded& loaded_;
  Reporter& reporter_;
};

}  // namespace

std::string Origin::text() const {
  return location.line == 0 ? location.file : location.file + ":" + std::to_string(location.line);
}

Loaded load_settings(const DocumentRequest& request, Purpose purpose,
                     base::Diagnostics& diagnostics, std::shared_ptr<const OutputKinds> kinds) {
  base::Diagnostics found;
  const Document document = read_document(request, found);
  // After a file that could not be read, what is missing says nothing.
  const bool is_complete = !found.has_errors();
  Reporter reporter(document.sources, found);
  Loaded loaded;
  loaded.files = document.files;
  if (kinds != nullptr) {
    loaded.settings.outputs.use_kinds(std::move(kinds));
  }
  find_named_outputs(document, loaded.settings, reporter);
  const Schema schema = describe(loaded.settings);
  loaded.origins = read_options(document, schema, reporter);
  resolve_plugins(document.root, loaded.settings,
                  loaded.origins.find("limits.max_body") != loaded.origins.end(), reporter);
  reporter.report_ignored();
  Checks checks(document, loaded, reporter);
  checks.relations();
  checks.webserver();
  checks.admin();
  if (is_complete && purpose == Purpose::kRun) {
    checks.runnable();
  }
  found.sort_by_place();
  diagnostics.append(std::move(found));
  return loaded;
}

}  // namespace tiercel::config
