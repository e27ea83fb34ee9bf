#include <algorithm>

#include <arpa/inet.h>

#include "tiercel/base/network.h"

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

bool is_cluster_name(std::string_view text) {
  constexpr std::size_t kLongest = 63;
  return !text.empty() && text.size() <= kLongest &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

namespace {

std::string check_network(std::string_view text) {
  return base::Network::parse(text) ? ""
                                    : "takes a network as in 10.0.0.0/8 or fd00::/8, with no bits "
                                      "behind its length, not '" +
                                          std::string(text) + "'";
}

// It becomes the name of a cluster.
std::string check_token_name(std::string_view text) {
  return is_cluster_name(text) ? ""
                               : "takes names of 1 to 63 letters, digits, '-', '_' and '.', not '" +
                                     std::string(text) + "'";
}

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
           "PEM file of authorities; where set, clients are asked for a certificate of theirs.");
  using ClientCertificate = WebserverSettings::ClientCertificate;
  s.choice<ClientCertificate>(
      "ssl_client_certificate", &WebserverSettings::ssl_client_certificate,
      {{"required", ClientCertificate::kRequired}, {"optional", ClientCertificate::kOptional}},
      "With ssl_client_ca: required answers only clients with a certificate; optional others too, "
      "and where there are tokens a certificate serves instead of one.");
  s.option("ssl_client_names", &WebserverSettings::ssl_client_names,
           "Names of which a client's certificate must have one, as common name, DNS name or URI; "
           "* stands for any characters. Empty: any.")
      .example("[\"kube-apiserver-*\"]");
  s.option("tokens", &WebserverSettings::tokens,
           "Files of bearer tokens, by a name for each; where set, audit batches need one of them. "
           "The name is ka.cluster.name of their events. A file that changes is read again.")
      .check_names(&check_token_name)
      .example("{production: /etc/tiercel/tokens/production}");
  s.option("allowed_networks", &WebserverSettings::allowed_networks,
           "Networks that may send audit batches, IPv4 or IPv6; empty: any.")
      .check(&check_network)
      .example("[10.0.0.0/8, \"fd00::/8\"]");
  s.option(
      "allow_unauthenticated", &WebserverSettings::allow_unauthenticated,
      "Listen on more than the loopback addresses although clients need neither token nor "
      "certificate: whoever reaches the port can then forge events. A k8saudit entry of plugins "
      "that names such an address listens there without this, with a warning.");
}

}  // namespace tiercel::config
