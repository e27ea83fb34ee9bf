#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string_view>

#include "apiserver_setup.h"
#include "kubeconfig.h"

namespace tiercel::app {

namespace {

constexpr std::string_view kPlain = "http://";
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

// Of "host:8765" or "[::1]:8765". Nothing where it has none.
std::optional<std::string_view> port_of(std::string_view authority) {
  const std::size_t colon = authority.rfind(':');
  const std::size_t bracket = authority.rfind(']');
  const bool is_within = bracket != std::string_view::npos && colon < bracket;
  return colon == std::string_view::npos || is_within ? std::nullopt
                                                      : std::optional(authority.substr(colon + 1));
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port != 0;
}

void check_server(const std::string& server, std::vector<std::string>& out) {
  const bool is_plain = server.starts_with(kPlain);
  if (!is_plain && !server.starts_with(kTls)) {
    out.emplace_back("--server must begin with http:// or https://");
    return;
  }
  const std::string rest = server.substr(is_plain ? kPlain.size() : kTls.size());
  const std::size_t slash = rest.find('/');
  const std::string authority = rest.substr(0, slash);
  if (has_blanks(server)) {
    out.emplace_back("--server holds blanks or characters that a URL cannot have");
  }
  if (authority.empty() || authority.front() == ':') {
    out.emplace_back("--server names no host");
  }
  const std::string_view host = std::string_view(authority).substr(authority.rfind('@') + 1);
  if (const auto port = port_of(host); port && !is_port(*port)) {
    out.push_back("--server has port '" + std::string(*port) +
                  "', which is none: name one from 1 to 65535, as webserver.listen_port does");
  }
  if (authority.find('@') != std::string::npos) {
    out.emplace_back("--server holds a user: kube-apiserver does not send it; use --token-file");
  }
  if (server.find_first_of("?#") != std::string::npos) {
    out.emplace_back("--server has a query or fragment, which kube-apiserver drops; leave it away");
  }
  if (slash == std::string::npos || slash + 1 == rest.size()) {
    out.emplace_back("--server has no path: the API server would post to / and get 404; write " +
                     std::string(is_plain ? kPlain : kTls) + authority + "/k8s_audit");
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
