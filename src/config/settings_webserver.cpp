#include <algorithm>

#include <arpa/inet.h>

#include "families.h"

namespace tiercel::config {

std::string check_address(std::string_view text) {
  std::string bare(text);
  if (bare.size() > 2 && bare.front() == '[' && bare.back() == ']') {
    bare = bare.substr(1, bare.size() - 2);
  }
  in6_addr address{};
  if (inet_pton(AF_INET, bare.c_str(), &address) == 1 ||
      inet_pton(AF_INET6, bare.c_str(), &address) == 1) {
    return {};
  }
  return "takes an IPv4 or IPv6 address, not '" + std::string(text) + "'";
}

namespace {

std::string check_url_path(std::string_view text) {
  if (!text.starts_with('/')) {
    return "must begin with a slash";
  }
  const bool is_plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c != '?' && c != '#' && c != '\x7f';
  });
  return is_plain ? "" : "must be a path without blanks, query or fragment";
}

}  // namespace

void describe_webserver(Schema& schema, Settings& settings) {
  Section<WebserverSettings> s(schema, "webserver", settings.webserver,
                               "Where kube-apiserver sends audit batches, and health checks.");
  s.option("enabled", &WebserverSettings::enabled, "Open the port.");
  s.option("listen_address", &WebserverSettings::addresses,
           "Addresses to listen on, IPv4 or IPv6, one or a list; 0.0.0.0 is every IPv4 interface.")
      .check(&check_address)
      .mostly_one()
      .example("[127.0.0.1, \"::1\"]");
  s.option("listen_port", &WebserverSettings::port,
           "The port; 0 lets the system choose and the log says which.")
      .between(0, 65535);
  s.option("k8s_audit_endpoint", &WebserverSettings::audit_path,
           "The path of audit batches; /k8s_audit and /k8s-audit are always answered too.")
      .check(&check_url_path);
  s.option("k8s_healthz_endpoint", &WebserverSettings::health_path,
           "The path of the health check, compared literally.")
      .check(&check_url_path);
  s.option("ssl_enabled", &WebserverSettings::ssl_enabled, "Speak TLS 1.2 and 1.3.");
  s.option("ssl_certificate", &WebserverSettings::ssl_certificate,
           "PEM file with the certificate, those that signed it, and the key where ssl_key is "
           "empty.");
  s.option("ssl_key", &WebserverSettings::ssl_key,
           "PEM file with the key, where it is not in ssl_certificate.");
  s.option("ssl_client_ca", &WebserverSettings::ssl_client_ca,
           "PEM file of authorities; where set, only clients with a certificate of theirs are "
           "answered.");
}

}  // namespace tiercel::config
