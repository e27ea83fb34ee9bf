#include <algorithm>
#include <cstdio>
#include <string_view>

#include "tiercel/http/client.h"

#include "apiserver_setup.h"
#include "kubeconfig.h"

namespace tiercel::app {

namespace {

constexpr std::string_view kTls = "https://";

bool is_tls(const KubeconfigOptions& options) { return options.server.starts_with(kTls); }

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    out += c == '"' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
  }
  return out + "\"";
}

bool has_blanks(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x7F;
  });
}

// Without what stands before '@', which may be a password.
std::string address_of(const http::UrlParts& url) {
  const std::string host =
      url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
  const bool is_usual = url.port == (url.scheme == "https" ? "443" : "80");
  return url.scheme + "://" + host + (is_usual ? "" : ":" + url.port);
}

void check_server(const std::string& server, std::vector<std::string>& out) {
  if (has_blanks(server)) {
    out.emplace_back("--server holds blanks or characters that a URL cannot have");
    return;
  }
  if (const std::string complaint = http::url_complaint(server); !complaint.empty()) {
    out.push_back("--server " + complaint + "; write https://HOST:PORT/k8s_audit");
    return;
  }
  const http::UrlParts url = http::split_url(server);
  const std::size_t begin = server.find("://") + 3;
  const std::string authority = server.substr(begin, server.find_first_of("/?#", begin) - begin);
  if (authority.empty()) {  // the client takes what follows for the host, kube-apiserver does not
    out.emplace_back("--server names no host; write https://HOST:PORT/k8s_audit");
    return;
  }
  if (authority.ends_with(':') || url.port == "0") {
    out.push_back("--server has port '" + (authority.ends_with(':') ? std::string() : url.port) +
                  "', which is none: name one from 1 to 65535, as webserver.listen_port does");
  }
  if (authority.find('@') != std::string::npos) {
    out.emplace_back("--server holds a user: kube-apiserver does not send it; use --token-file");
  }
  if (server.find_first_of("?#") != std::string::npos) {
    out.emplace_back("--server has a query or fragment, which kube-apiserver drops; leave it away");
  }
  if (url.path == "/") {
    out.push_back("--server has no path: the API server would post to / and get 404; write " +
                  address_of(url) + "/k8s_audit");
  }
}

void check_path(const char* option, const std::string& path, std::vector<std::string>& out) {
  if (!path.empty() && path.front() != '/') {
    out.push_back(std::string(option) + " must be an absolute path, as the API server sees it");
  }
  if (path.find_first_of("\n\r\t") != std::string::npos) {
    out.push_back(std::string(option) + " holds a line's end or a tab");
  }
}

}  // namespace

std::vector<std::string> kubeconfig_problems(const KubeconfigOptions& options) {
  std::vector<std::string> out;
  check_server(options.server, out);
  check_path("--ca", options.ca, out);
  check_path("--client-cert", options.client_cert, out);
  check_path("--client-key", options.client_key, out);
  check_path("--token-file", options.token_file, out);
  check_path("--dir", options.folder.empty() ? "." : options.folder, out);
  if (options.client_cert.empty() != options.client_key.empty()) {
    out.emplace_back(
        "--client-cert and --client-key go together: kube-apiserver refuses one alone");
  }
  if (!options.token.empty() && !options.token_file.empty()) {
    out.emplace_back("--token and --token-file exclude each other: the file would win");
  }
  if (has_blanks(options.token)) {
    out.emplace_back("--token holds blanks or characters that a header cannot have");
  }
  if (!is_tls(options)) {
    if (!options.token.empty() || !options.token_file.empty()) {
      out.emplace_back(
          "kube-apiserver sends no token over plain http, without a word: use https:// and --ca");
    }
    if (!options.ca.empty() || !options.client_cert.empty()) {
      out.emplace_back("--ca and --client-cert mean nothing over plain http: use https://");
    }
  }
  return out;
}

std::string kubeconfig_text(const KubeconfigOptions& options) {
  std::string out =
      "apiVersion: v1\n"
      "kind: Config\n"
      "clusters:\n"
      "  - name: tiercel\n"
      "    cluster:\n"
      "      server: " +
      quoted(options.server) + "\n";
  if (!options.ca.empty()) {
    out += "      certificate-authority: " + quoted(options.ca) + "\n";
  }
  out +=
      "contexts:\n"
      "  - name: tiercel\n"
      "    context:\n"
      "      cluster: tiercel\n"
      "      user: kube-apiserver\n"
      "current-context: tiercel\n"
      "users:\n"
      "  - name: kube-apiserver\n";
  std::string user;
  const auto add = [&user](const char* key, const std::string& value) {
    user += value.empty() ? "" : "      " + std::string(key) + ": " + quoted(value) + "\n";
  };
  add("client-certificate", options.client_cert);
  add("client-key", options.client_key);
  add("token", options.token);
  add("tokenFile", options.token_file);
  return out + (user.empty() ? "    user: {}\n" : "    user:\n" + user);
}

int kubeconfig_command(const KubeconfigOptions& options) {
  std::vector<std::string> problems = kubeconfig_problems(options);
  if (problems.empty()) {
    problems = setup_problems(options);
  }
  for (const std::string& problem : problems) {
    std::fprintf(stderr, "Error: %s\n", problem.c_str());
  }
  if (!problems.empty()) {
    return kError;
  }
  std::string text = kubeconfig_text(options);
  const auto& wanted = options.distributions;
  if (std::find(wanted.begin(), wanted.end(), "all") != wanted.end()) {
    text += setup_text("all", options);
  } else {
    for (const std::string& name : wanted) {
      text += setup_text(name, options);
    }
  }
  return print(text);
}

}  // namespace tiercel::app
