#include "doctor_kubeconfig.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>

#include <unistd.h>

#include "tiercel/base/one_line.h"
#include "tiercel/config/yaml_file.h"
#include "tiercel/http/client.h"
#include "tiercel/source/webhook_source.h"

#include "audit_url.h"
#include "doctor_certificate.h"

namespace tiercel::app {

namespace {

using config::Node;

const config::Listener* listener_of(const std::vector<config::Listener>& all,
                                    const http::UrlParts& url) {
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
    findings.error(
        "kubeconfig",
        name.empty() ? "it has no current-context"
                     : "there is no context '" + name + "', which current-context names",
        "kube-apiserver posts nowhere without: see /usr/share/tiercel/config/kube-apiserver/"
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

// `name` is what the certificate must name: tls-server-name, else the host.
void examine_server(const http::UrlParts& url, const std::string& server, const std::string& name,
                    const config::Settings& settings, Findings& findings) {
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
  if (listener->tls && !certificate_names(listener->certificate, name)) {
    findings.error("certificate", "it does not name " + name + ", which the kubeconfig asks for",
                   "make one with that name, or set clusters[].cluster.tls-server-name to a name "
                   "that it has");
  }
}

/// Where the files that a kubeconfig names are on this host: relative ones beside it, others where
/// the manifest mounts them.
class Files {
 public:
  Files(const std::string& kubeconfig, const Manifest* manifest)
      : folder_(std::filesystem::path(kubeconfig).parent_path()), manifest_(manifest) {}

  /// Empty where none is named, or the container does not see it.
  [[nodiscard]] std::string find(const Node* node, const char* key) const {
    const std::string path = text_at(node, key);
    if (path.empty()) {
      return {};
    }
    if (!path.starts_with('/')) {
      return (folder_ / path).lexically_normal().string();
    }
    return manifest_ == nullptr ? path : manifest_->on_host(path);
  }

 private:
  std::filesystem::path folder_;
  const Manifest* manifest_;
};

void examine_files(const Context& context, const Files& files, Findings& findings) {
  for (const auto& [node, key] : {std::pair{context.cluster, "certificate-authority"},
                                  {context.user, "client-certificate"},
                                  {context.user, "client-key"},
                                  {context.user, "tokenFile"}}) {
    const std::string path = text_at(node, key);
    const std::string host = files.find(node, key);
    if (!path.empty() && host.empty()) {
      findings.error("kubeconfig", std::string(key) + " " + path + " is in no hostPath volume",
                     "add a volume and a volumeMount for its folder to the manifest, or the "
                     "container does not see it");
    } else if (!path.empty() && ::access(host.c_str(), R_OK) != 0) {
      findings.not_checked("kubeconfig", std::string(key) + " " + host + " cannot be read here",
                           "it must be where kube-apiserver's container sees it; run this as root");
    }
  }
}

// What is written beside `https`; each kind also as data within the file.
void examine_trust(const Context& context, const http::UrlParts& url, const Files& files,
                   const config::Settings& settings, Findings& findings) {
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
  examine_files(context, files, findings);
  const auto all = config::listeners(settings);
  const config::Listener* const listener = listener_of(all, url);
  if (listener != nullptr && !listener->client_ca.empty() &&
      listener->client_certificate_required &&
      (!has(context.user, "client-certificate") || !has(context.user, "client-key"))) {
    findings.error("kubeconfig", "the port wants a client's certificate, the user has none",
                   "add client-certificate and client-key, signed by webserver.ssl_client_ca");
  }
}

// As kube-apiserver reads them: a token's file before the token, and over http neither.
http::ClientOptions client_of(const Context& context, const http::UrlParts& url,
                              const Files& files) {
  http::ClientOptions client;
  client.connect_timeout = client.timeout = std::chrono::seconds(3);
  client.ca_cert = files.find(context.cluster, "certificate-authority");
  client.insecure = text_at(context.cluster, "insecure-skip-tls-verify") == "true";
  client.client_cert = files.find(context.user, "client-certificate");
  client.client_key = files.find(context.user, "client-key");
  client.mtls = !client.client_cert.empty();
  if (url.scheme == "https") {
    client.bearer_token_file = files.find(context.user, "tokenFile");
    if (client.bearer_token_file.empty()) {
      client.bearer_token = text_at(context.user, "token");
    }
    client.username = text_at(context.user, "username");
    client.password = text_at(context.user, "password");
  }
  return client;
}

void judge_answer(const std::string& server, const http::ClientResponse& answer,
                  Findings& findings) {
  if (answer.status == 200) {
    findings.good("kubeconfig",
                  server + " takes what is posted with it" +
                      (answer.wanted_header.empty()
                           ? std::string()
                           : ", as the client " + http::url_decode(answer.wanted_header)));
  } else if (answer.status == 401) {
    findings.error("kubeconfig", server + " answered 401: it takes nothing from this user",
                   "compare the token with the files of webserver.tokens, the certificate's names "
                   "with webserver.ssl_client_names, the address with webserver.allowed_networks; "
                   "the journal says which ('audit batches from … are refused')");
  } else if (answer.status == 403) {
    findings.error("kubeconfig", server + " answered 403, as tiercel never does",
                   "is a proxy between that wants to be asked first, or another program there?");
  } else if (answer.status == 429 || answer.status == 503) {
    findings.warning("kubeconfig",
                     server + " answered " + std::to_string(answer.status) + ": it is busy",
                     "`tiercel status` says with what; then run this again");
  } else {
    findings.error("kubeconfig",
                   server + " answered " + std::to_string(answer.status) + " instead of 200",
                   "is this tiercel's port and path?");
  }
}

// An empty batch with the kubeconfig's own files: does TLS hold, is it us, do we take it?
void try_server(const Context& context, const http::UrlParts& url, const std::string& server,
                const Files& files, Findings& findings) {
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
  request.url = server;
  request.body = kEmptyBatch;
  request.wanted_header = source::kClientHeader;
  const auto answer = http::Client(client_of(context, url, files)).send(request);
  if (answer) {
    judge_answer(server, *answer, findings);
  } else if (answer.error().code == "file_unreadable") {
    findings.not_checked("kubeconfig", "nothing was posted: " + answer.error().text(),
                         "run this as root, on the host of kube-apiserver");
  } else {
    findings.error("kubeconfig",
                   server + " from this host: " + base::one_line(answer.error().text()),
                   "is the daemon up, is the certificate signed by certificate-authority?");
  }
}

// The client's certificate, where it is a file that can be read here.
void examine_client(const Context& context, const http::UrlParts& url, const Files& files,
                    const config::Settings& settings, Findings& findings) {
  const std::string certificate = files.find(context.user, "client-certificate");
  const std::string key = files.find(context.user, "client-key");
  if (url.scheme != "https" || certificate.empty() || ::access(certificate.c_str(), R_OK) != 0) {
    return;
  }
  const auto all = config::listeners(settings);
  const config::Listener* const listener = listener_of(all, url);
  examine_client_certificate(certificate, ::access(key.c_str(), R_OK) == 0 ? key : std::string(),
                             listener == nullptr ? std::string() : listener->client_ca, findings);
}

}  // namespace

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
  const http::UrlParts url = http::split_url(server);
  const std::string asked = text_at(context->cluster, "tls-server-name");
  const Files files(path, manifest);
  examine_server(url, server, asked.empty() ? url.host : asked, settings, findings);
  examine_trust(*context, url, files, settings, findings);
  examine_client(*context, url, files, settings, findings);
  if (manifest != nullptr && config::is_loopback(url.host) && !manifest->uses_host_network()) {
    findings.error("manifest",
                   "the pod is not on the host's network: " + url.host + " is the container itself",
                   "set hostNetwork: true, or post to an address of this host");
  }
  try_server(*context, url, server, files, findings);
}

}  // namespace tiercel::app
