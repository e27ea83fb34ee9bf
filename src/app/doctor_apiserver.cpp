#include <algorithm>
#include <chrono>
#include <map>
#include <optional>

#include <unistd.h>

#include "tiercel/base/one_line.h"
#include "tiercel/config/yaml_file.h"
#include "tiercel/http/client.h"

#include "doctor.h"
#include "doctor_certificate.h"

namespace tiercel::app {

namespace {

using config::Node;

constexpr const char* kKubeadmManifest = "/etc/kubernetes/manifests/kube-apiserver.yaml";

std::string text_at(const Node* node, std::string_view key) {
  const Node* const found = node == nullptr ? nullptr : node->find(key);
  return found != nullptr && found->is_scalar() ? found->text : std::string();
}

// The entry of this name in a list of {name: …, KIND: {…}}; its KIND.
const Node* named(const Node& root, std::string_view list, const std::string& name,
                  std::string_view kind) {
  const Node* const entries = root.find(list);
  for (std::size_t at = 0; entries != nullptr && at < entries->items.size(); ++at) {
    if (text_at(&entries->items[at], "name") == name) {
      return entries->items[at].find(kind);
    }
  }
  return nullptr;
}

struct Url {
  std::string scheme;
  std::string host;
  std::string port;
  std::string path;
};
Url split(const std::string& text) {
  Url url;
  const std::size_t scheme = text.find("://");
  url.scheme = text.substr(0, scheme == std::string::npos ? 0 : scheme);
  const std::string rest = scheme == std::string::npos ? text : text.substr(scheme + 3);
  const std::string authority = rest.substr(0, rest.find('/'));
  const std::size_t slash = rest.find('/');
  url.path = slash == std::string::npos ? "" : rest.substr(slash, rest.find('?', slash) - slash);
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.find(':', bracket == std::string::npos ? 0 : bracket);
  url.host = authority.substr(0, colon);
  url.port = colon == std::string::npos ? (url.scheme == "https" ? "443" : "80")
                                        : authority.substr(colon + 1);
  if (url.host.size() > 2 && url.host.front() == '[') {
    url.host = url.host.substr(1, url.host.size() - 2);
  }
  return url;
}

bool is_loopback(const std::string& host) {
  return host.starts_with("127.") || host == "::1" || host == "localhost";
}

/// kube-apiserver's static pod, as far as it tells of auditing.
class Manifest {
 public:
  [[nodiscard]] static std::optional<Manifest> read(const std::string& path, Findings& findings) {
    auto root = config::read_yaml_file(path);
    if (!root) {
      findings.error("manifest", root.error().text(), "is this the static pod's manifest?");
      return std::nullopt;
    }
    Manifest manifest;
    manifest.root_ = std::move(*root);
    const Node* const spec = manifest.root_.find("spec");
    const Node* const containers = spec == nullptr ? nullptr : spec->find("containers");
    if (containers == nullptr || containers->items.empty()) {
      findings.error("manifest", path + " has no spec.containers",
                     "name kube-apiserver's manifest");
      return std::nullopt;
    }
    manifest.take(containers->items.front());
    manifest.uses_host_network_ = text_at(spec, "hostNetwork") == "true";
    return manifest;
  }

  [[nodiscard]] std::string flag(const std::string& name) const {
    const auto found = flags_.find(name);
    return found == flags_.end() ? std::string() : found->second;
  }
  [[nodiscard]] bool uses_host_network() const { return uses_host_network_; }

  // Where the host has what the container sees as `path`; empty where nothing is mounted there.
  [[nodiscard]] std::string on_host(const std::string& path) const {
    const Node* const spec = root_.find("spec");
    for (const auto& [mount, volume] : mounts_) {
      if (path == mount || path.starts_with(mount.ends_with('/') ? mount : mount + "/")) {
        const Node* const host = named(*spec, "volumes", volume, "hostPath");
        const std::string base = text_at(host, "path");
        return base.empty() ? std::string() : base + path.substr(mount.size());
      }
    }
    return {};
  }

 private:
  void take(const Node& container) {
    for (const char* const key : {"command", "args"}) {
      const Node* const words = container.find(key);
      for (std::size_t at = 0; words != nullptr && at < words->items.size(); ++at) {
        const std::string& word = words->items[at].text;
        const std::size_t equals = word.find('=');
        if (word.starts_with("--")) {
          flags_[word.substr(2, equals == std::string::npos ? equals : equals - 2)] =
              equals == std::string::npos ? "true" : word.substr(equals + 1);
        }
      }
    }
    const Node* const mounts = container.find("volumeMounts");
    for (std::size_t at = 0; mounts != nullptr && at < mounts->items.size(); ++at) {
      mounts_[text_at(&mounts->items[at], "mountPath")] = text_at(&mounts->items[at], "name");
    }
  }

  Node root_;
  std::map<std::string, std::string> flags_;
  std::map<std::string, std::string, std::greater<>> mounts_;  // the longest of a path first
  bool uses_host_network_ = false;
};

// A file that a flag names: mounted, and there on this host.
std::string examine_file_flag(const Manifest& manifest, const std::string& name,
                              Findings& findings) {
  const std::string inside = manifest.flag(name);
  if (inside.empty()) {
    findings.error("manifest", "kube-apiserver has no --" + name,
                   "add it (config/kube-apiserver/flags.txt); without it nothing is sent");
    return {};
  }
  const std::string host = manifest.on_host(inside);
  if (host.empty()) {
    findings.error("manifest", "--" + name + "=" + inside + " is in no hostPath volume",
                   "add a volume and a volumeMount for its folder, or the container does not see "
                   "it and does not start");
  } else if (::access(host.c_str(), F_OK) != 0) {
    findings.error("manifest", "--" + name + ": " + host + " is not there, or not for this user",
                   "put the file there; run this as root on the control-plane host");
    return {};
  } else {
    findings.good("manifest", "--" + name + ": " + host);
  }
  return host;
}

void examine_batching(const Manifest& manifest, Findings& findings) {
  const std::string mode = manifest.flag("audit-webhook-mode");
  if (mode.starts_with("blocking")) {
    findings.warning("manifest",
                     "--audit-webhook-mode=" + mode + ": users wait for tiercel" +
                         (mode == "blocking-strict" ? ", and fail with it" : ""),
                     "leave it out (batch)");
  }
  if (manifest.flag("audit-webhook-truncate-enabled") == "true") {
    findings.warning("manifest", "--audit-webhook-truncate-enabled: large events lose their bodies",
                     "leave it out; rules cannot see what is cut");
  }
  const auto number = [&](const char* name, std::uint64_t otherwise) {
    const std::string text = manifest.flag(name);
    const bool is_number = !text.empty() && text.size() < 10 &&
                           text.find_first_not_of("0123456789") == std::string::npos;
    return is_number ? std::stoull(text) : otherwise;
  };
  constexpr std::uint64_t kBuffer = 10'000;  // kube-apiserver's default
  const std::uint64_t buffer = number("audit-webhook-batch-buffer-size", kBuffer);
  if (buffer < kBuffer) {
    findings.warning("manifest",
                     "--audit-webhook-batch-buffer-size=" + std::to_string(buffer) +
                         " is smaller than the default: bursts are lost",
                     "10000 or more");
  }
  if (manifest.flag("audit-webhook-batch-throttle-enable") == "true" &&
      number("audit-webhook-batch-throttle-qps", 10) < 10) {
    findings.warning("manifest", "fewer than 10 batches a second are let through",
                     "--audit-webhook-batch-throttle-qps=10, or more in a busy cluster");
  }
}

const config::Listener* listener_of(const std::vector<config::Listener>& all, const Url& url) {
  const auto found = std::find_if(all.begin(), all.end(), [&url](const auto& one) {
    return std::to_string(one.port) == url.port && !one.audit_paths.empty();
  });
  return found == all.end() ? nullptr : &*found;
}

// Behind each path may stand a cluster's name.
bool is_audit_path(const config::Listener& listener, const std::string& path) {
  const auto is_one = [&listener](const std::string& one) {
    return one == "/k8s_audit" || one == "/k8s-audit" ||
           std::find(listener.audit_paths.begin(), listener.audit_paths.end(), one) !=
               listener.audit_paths.end();
  };
  return is_one(path) || is_one(path.substr(0, path.rfind('/')));
}

/// The kubeconfig's entries of its current context.
struct Context {
  const Node* cluster = nullptr;
  const Node* user = nullptr;
};

std::optional<Context> current_context(const Node& root, Findings& findings) {
  const std::string name = text_at(&root, "current-context");
  const Node* const context = named(root, "contexts", name, "context");
  if (name.empty() || context == nullptr) {
    findings.error("kubeconfig",
                   name.empty() ? "it has no current-context"
                                : "there is no context '" + name + "', which current-context names",
                   "kube-apiserver posts nowhere without: config/kube-apiserver/"
                   "webhook-kubeconfig.yaml shows one");
    return std::nullopt;
  }
  Context out;
  out.cluster = named(root, "clusters", text_at(context, "cluster"), "cluster");
  out.user = named(root, "users", text_at(context, "user"), "user");
  if (out.cluster == nullptr) {
    findings.error(
        "kubeconfig",
        "there is no cluster '" + text_at(context, "cluster") + "', which the context names",
        "correct contexts[].context.cluster");
    return std::nullopt;
  }
  return out;
}

void examine_server(const Url& url, const std::string& server, const config::Settings& settings,
                    Findings& findings) {
  const std::vector<config::Listener> all = config::listeners(settings);
  const config::Listener* const listener = listener_of(all, url);
  if (listener == nullptr) {
    findings.error("kubeconfig", "no port of this configuration takes batches at " + server,
                   "correct the port in clusters[].cluster.server; where that is another host, "
                   "run `tiercel doctor` there");
    return;
  }
  if (url.scheme != (listener->tls ? "https" : "http")) {
    findings.error("kubeconfig",
                   server + ", but the port speaks " + (listener->tls ? "TLS" : "without TLS"),
                   std::string("write ") + (listener->tls ? "https" : "http") +
                       ":// there, or change webserver.ssl_enabled");
  } else if (!is_audit_path(*listener, url.path)) {
    findings.error(
        "kubeconfig",
        server + (url.path.empty() || url.path == "/"
                      ? " has no path: kube-apiserver posts to / and gets 404"
                      : ": the path " + url.path + " is not served"),
        "write " + url.scheme + "://" + url.host + ":" + url.port + listener->audit_paths.front());
  } else {
    findings.good("kubeconfig", "posts to " + server);
  }
  if (listener->tls && !certificate_names(listener->certificate, url.host)) {
    findings.error("certificate",
                   "it does not name " + url.host + ", which the kubeconfig asks for",
                   "make one with that name, or set clusters[].cluster.tls-server-name to a name "
                   "that it has");
  }
}

// What is written beside `https`; each kind also as data within the file.
void examine_trust(const Context& context, const Url& url, const config::Settings& settings,
                   Findings& findings) {
  const auto has = [](const Node* node, const char* key) {
    return !text_at(node, key).empty() ||
           !text_at(node, (std::string(key) + "-data").c_str()).empty();
  };
  const bool has_token =
      !text_at(context.user, "token").empty() || !text_at(context.user, "tokenFile").empty();
  if (url.scheme == "http" && (has_token || !text_at(context.user, "username").empty())) {
    findings.error("kubeconfig", "a token or password over http is silently not sent",
                   "use https, or leave it out");
  }
  if (!settings.webserver.tokens.empty() && settings.webserver.ssl_client_ca.empty() &&
      !has_token) {
    findings.error("kubeconfig", "the port wants a bearer token, the user has none",
                   "add tokenFile, or token, to users[].user");
  }
  if (url.scheme != "https") {
    return;
  }
  if (text_at(context.cluster, "insecure-skip-tls-verify") == "true") {
    findings.warning("kubeconfig", "insecure-skip-tls-verify: whoever answers gets the audit log",
                     "name the authority in certificate-authority");
  } else if (!has(context.cluster, "certificate-authority")) {
    findings.warning("kubeconfig", "no certificate-authority: the system's are asked",
                     "name the one that signed tiercel's certificate");
  }
  for (const auto& [node, key] : {std::pair{context.cluster, "certificate-authority"},
                                  {context.user, "client-certificate"},
                                  {context.user, "client-key"},
                                  {context.user, "tokenFile"}}) {
    const std::string path = text_at(node, key);
    if (!path.empty() && ::access(path.c_str(), R_OK) != 0) {
      findings.not_checked("kubeconfig", std::string(key) + " " + path + " cannot be read here",
                           "it must be where kube-apiserver's container sees it; run this as root");
    }
  }
  const auto all = config::listeners(settings);
  const config::Listener* const listener = listener_of(all, url);
  if (listener != nullptr && !listener->client_ca.empty() &&
      listener->client_certificate_required &&
      (!has(context.user, "client-certificate") || !has(context.user, "client-key"))) {
    findings.error("kubeconfig", "the port wants a client's certificate, the user has none",
                   "add client-certificate and client-key, signed by webserver.ssl_client_ca");
  }
}

// A GET with the kubeconfig's own files: does TLS hold, is it us?
void try_server(const Context& context, const std::string& server, Findings& findings) {
  http::ClientOptions client;
  client.connect_timeout = client.timeout = std::chrono::seconds(3);
  client.ca_cert = text_at(context.cluster, "certificate-authority");
  client.insecure = text_at(context.cluster, "insecure-skip-tls-verify") == "true";
  client.client_cert = text_at(context.user, "client-certificate");
  client.client_key = text_at(context.user, "client-key");
  client.mtls = !client.client_cert.empty();
  if (!text_at(context.cluster, "certificate-authority-data").empty() ||
      !text_at(context.user, "client-certificate-data").empty() ||
      !text_at(context.cluster, "tls-server-name").empty()) {
    findings.not_checked("kubeconfig",
                         "certificates within the file, or tls-server-name, are not "
                         "tried over the network",
                         "kube-apiserver's log says whether they hold");
    return;
  }
  http::ClientRequest request;
  request.method = "GET";
  request.url = server;
  const auto answer = http::Client(client).send(request);
  if (!answer) {
    findings.error("kubeconfig",
                   server + " from this host: " + base::one_line(answer.error().text()),
                   "is the daemon up, is the certificate signed by certificate-authority?");
  } else if (answer->status != 405 && answer->status != 401 && answer->status != 403) {
    findings.error("kubeconfig",
                   server + " answered " + std::to_string(answer->status) + " instead of 405",
                   "is this tiercel's port and path?");
  } else {
    findings.good("kubeconfig", server + " answers as tiercel does");
  }
}

void examine_kubeconfig(const std::string& path, const Manifest* manifest,
                        const config::Settings& settings, Findings& findings) {
  const auto root = config::read_yaml_file(path);
  if (!root) {
    findings.error("kubeconfig", root.error().text(),
                   "kube-apiserver must be able to read it too; run this as root");
    return;
  }
  const auto context = current_context(*root, findings);
  if (!context) {
    return;
  }
  const std::string server = text_at(context->cluster, "server");
  if (const std::string complaint = http::url_complaint(server); !complaint.empty()) {
    findings.error("kubeconfig", "clusters[].cluster.server '" + server + "': " + complaint,
                   "write http://127.0.0.1:8765/k8s_audit");
    return;
  }
  const Url url = split(server);
  examine_server(url, server, settings, findings);
  examine_trust(*context, url, settings, findings);
  if (manifest != nullptr && is_loopback(url.host) && !manifest->uses_host_network()) {
    findings.error("manifest",
                   "the pod is not on the host's network: " + url.host + " is the container itself",
                   "set hostNetwork: true, or post to an address of this host");
  }
  try_server(*context, server, findings);
}

}  // namespace

std::string examine_apiserver(const DoctorOptions& options, const config::Settings& settings,
                              Findings& findings) {
  std::string manifest_path = options.manifest;
  if (manifest_path.empty() && ::access(kKubeadmManifest, R_OK) == 0) {
    manifest_path = kKubeadmManifest;
  }
  std::optional<Manifest> manifest;
  std::string kubeconfig = options.kubeconfig;
  std::string policy;
  if (manifest_path.empty()) {
    findings.not_checked("manifest", "kube-apiserver's flags and mounts",
                         "name its manifest with --manifest, on a control-plane host");
  } else {
    manifest = Manifest::read(manifest_path, findings);
  }
  if (manifest) {
    policy = examine_file_flag(*manifest, "audit-policy-file", findings);
    const std::string from_flag =
        examine_file_flag(*manifest, "audit-webhook-config-file", findings);
    kubeconfig = kubeconfig.empty() ? from_flag : kubeconfig;
    examine_batching(*manifest, findings);
  }
  if (kubeconfig.empty()) {
    findings.not_checked("kubeconfig", "where kube-apiserver posts to",
                         "name the file of --audit-webhook-config-file with --kubeconfig");
    return policy;
  }
  examine_kubeconfig(kubeconfig, manifest ? &*manifest : nullptr, settings, findings);
  return policy;
}

}  // namespace tiercel::app
