#include <algorithm>
#include <array>

#include "tiercel/base/network.h"
#include "tiercel/config/settings.h"

namespace tiercel::config {

namespace {

void add_once(std::vector<std::string>& texts, const std::string& text) {
  if (std::find(texts.begin(), texts.end(), text) == texts.end()) {
    texts.push_back(text);
  }
}

Listener webserver_listener(const WebserverSettings& webserver) {
  Listener listener;
  listener.hosts = webserver.addresses;
  listener.port = static_cast<std::uint16_t>(webserver.port);
  listener.tls = webserver.ssl_enabled;
  listener.certificate = webserver.ssl_certificate;
  listener.key = webserver.ssl_key;
  listener.client_ca = webserver.ssl_client_ca;
  listener.client_certificate_required =
      webserver.ssl_client_certificate == WebserverSettings::ClientCertificate::kRequired;
  listener.health_path = webserver.health_path;
  return listener;
}

Listener plugin_listener(const PluginReceiver& receiver) {
  Listener listener;
  listener.hosts = {receiver.host};
  listener.port = receiver.port;
  listener.tls = receiver.tls;
  listener.certificate = receiver.certificate;
  listener.audit_paths = {receiver.path};
  return listener;
}

}  // namespace

std::optional<Listener> admin_listener(const Settings& settings) {
  const AdminSettings& admin = settings.admin;
  if (!admin.enabled) {
    return std::nullopt;
  }
  Listener listener;
  listener.health_path = settings.webserver.health_path;
  listener.socket = admin.socket;
  listener.hosts = admin.addresses;
  listener.port = static_cast<std::uint16_t>(admin.port);
  return listener;
}

bool asks_for_proof(const Settings& settings, const Listener& listener) {
  return !settings.webserver.tokens.empty() ||
         (listener.tls && !listener.client_ca.empty() && listener.client_certificate_required);
}

bool is_loopback(std::string_view address) {
  std::string bare(address);
  if (bare.size() > 2 && bare.front() == '[' && bare.back() == ']') {
    bare = bare.substr(1, bare.size() - 2);
  }
  if (bare == "localhost") {
    return true;
  }
  static const std::array kNetworks{*base::Network::parse("127.0.0.0/8"),
                                    *base::Network::parse("::1")};
  return std::any_of(kNetworks.begin(), kNetworks.end(),
                     [&bare](const base::Network& network) { return network.contains(bare); });
}

bool is_every_interface(std::string_view host) {
  return host.empty() || host == "::" || host == "[::]";
}

std::vector<Listener> listeners(const Settings& settings) {
  const WebserverSettings& webserver = settings.webserver;
  std::vector<Listener> ports;
  if (settings.plugin_receiver) {
    ports.push_back(plugin_listener(*settings.plugin_receiver));
  }
  if (!webserver.enabled) {
    return ports;
  }
  Listener listener = webserver_listener(webserver);
  if (ports.empty()) {
    listener.audit_paths = {webserver.audit_path};
    add_once(listener.audit_paths, "/k8s_audit");
    add_once(listener.audit_paths, "/k8s-audit");
    return {listener};
  }
  Listener& receiver = ports.front();
  if (receiver.port != listener.port || receiver.port == 0) {
    ports.push_back(std::move(listener));
    return ports;
  }
  // One port for both: Falco dies on the second bind.
  receiver.health_path = listener.health_path;
  receiver.key = listener.tls ? listener.key : std::string{};
  receiver.certificate = listener.tls ? listener.certificate : receiver.certificate;
  receiver.client_ca = listener.tls ? listener.client_ca : std::string{};
  receiver.client_certificate_required = listener.client_certificate_required;
  for (const std::string& host : listener.hosts) {
    add_once(receiver.hosts, host);
  }
  if (std::any_of(receiver.hosts.begin(), receiver.hosts.end(), &is_every_interface)) {
    receiver.hosts = {""};
  } else if (std::find(receiver.hosts.begin(), receiver.hosts.end(), "0.0.0.0") !=
             receiver.hosts.end()) {
    // The other IPv4 hosts are part of it, and those of IPv6 stand beside it; names may be either,
    // so IPv6 is opened too.
    static const auto kIpv4 = *base::Network::parse("0.0.0.0/0");
    std::erase_if(receiver.hosts, [](const std::string& host) {
      return host != "0.0.0.0" && (host == "localhost" || kIpv4.contains(host));
    });
    if (std::any_of(receiver.hosts.begin(), receiver.hosts.end(), [](const std::string& host) {
          return host != "0.0.0.0" && host.find(':') == std::string::npos;
        })) {
      receiver.hosts = {""};
    }
  }
  return ports;
}

}  // namespace tiercel::config
