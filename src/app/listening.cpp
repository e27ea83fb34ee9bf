#include "listening.h"

#include <algorithm>
#include <utility>

#include "tiercel/base/clock.h"
#include "tiercel/config/codes.h"

namespace tiercel::app {

namespace {

// Nobody needs more of it, and each holds a descriptor that the audit port may want.
constexpr std::uint32_t kAdminConnections = 64;

http::Limits limits_of(const config::LimitSettings& settings) {
  http::Limits limits;
  limits.connections = settings.max_connections;
  limits.connections_per_peer = settings.max_connections_per_peer;
  limits.header_bytes = static_cast<std::uint32_t>(settings.max_header.bytes);
  limits.body_bytes = settings.max_body.bytes;
  limits.header_timeout = settings.header_timeout;
  limits.body_timeout = settings.body_timeout;
  limits.idle_timeout = settings.idle_timeout;
  limits.write_timeout = settings.write_timeout;
  limits.minimum_rate = static_cast<std::uint32_t>(settings.min_body_rate.bytes);
  limits.rate_grace = settings.rate_grace;
  limits.drain_bytes = settings.drain_size.bytes;
  limits.drain_timeout = settings.drain_timeout;
  return limits;
}

source::WebhookAccess access_of(const config::WebserverSettings& webserver) {
  using Certificate = source::WebhookAccess::Certificate;
  using Wanted = config::WebserverSettings::ClientCertificate;
  source::WebhookAccess access;
  access.tokens = webserver.tokens;
  access.networks = webserver.allowed_networks;
  access.names = webserver.ssl_client_names;
  if (webserver.ssl_enabled && !webserver.ssl_client_ca.empty()) {
    access.certificate = webserver.ssl_client_certificate == Wanted::kRequired
                             ? Certificate::kRequired
                             : Certificate::kOptional;
  }
  return access;
}

std::string host_text(const std::string& host) {
  if (host.empty()) {
    return "*";
  }
  return host.find(':') != std::string::npos && !host.starts_with('[') ? "[" + host + "]" : host;
}

}  // namespace

http::ServerOptions server_options(const config::Settings& settings,
                                   const config::Listener& listener, std::uint32_t cores) {
  http::ServerOptions options;
  options.name = listener.audit_paths.empty() ? "health" : "audit";
  for (const std::string& host : listener.hosts) {
    options.addresses.push_back({host, listener.port});
  }
  options.threads = listener.audit_paths.empty() ? 1 : config::io_threads(settings.process, cores);
  options.counts_rejections = !listener.audit_paths.empty();
  options.limits = limits_of(settings.limits);
  options.tls.enabled = listener.tls;
  options.tls.certificate_file = listener.certificate;
  options.tls.key_file = listener.key;
  options.tls.client_ca_file = listener.client_ca;
  options.tls.client_certificate_required = listener.client_certificate_required;
  const bool is_plugin = settings.plugin_receiver && !listener.audit_paths.empty();
  options.port_setting = is_plugin ? "plugins (open_params)" : "webserver.listen_port";
  return options;
}

http::ServerOptions admin_server_options(const config::Settings& settings,
                                         const config::Listener& listener) {
  http::ServerOptions options;
  options.name = "admin";
  for (const std::string& host : listener.hosts) {
    options.addresses.push_back({host, listener.port});
  }
  options.unix_path = listener.socket;
  options.limits = limits_of(settings.limits);
  options.limits.connections = std::min(options.limits.connections, kAdminConnections);
  options.limits.connections_per_peer = options.limits.connections;
  options.limits.body_bytes = api::Routes::kMostBody;
  options.port_setting = "admin.listen_port";
  options.unix_setting = "admin.socket";
  options.counts_rejections = false;
  return options;
}

api::HostRule host_rule(const config::AdminSettings& settings, const config::Listener& listener) {
  const std::vector<std::string>& hosts = listener.hosts;
  api::HostRule rule;
  rule.names = settings.addresses;
  rule.names.insert(rule.names.end(), hosts.begin(), hosts.end());
  rule.names.insert(rule.names.end(), settings.allowed_hosts.begin(), settings.allowed_hosts.end());
  rule.any_address = std::any_of(hosts.begin(), hosts.end(), [](const auto& address) {
    return address == "0.0.0.0" || address == "::" || address == "[::]";
  });
  return rule;
}

source::WebhookOptions webhook_options(const config::Settings& settings,
                                       const std::vector<config::Listener>& ports,
                                       source::WebhookAccess::OnBurst on_burst) {
  source::WebhookOptions options;
  for (const config::Listener& listener : ports) {
    for (const std::string& path : listener.audit_paths) {
      if (path != "/k8s_audit" && path != "/k8s-audit") {
        options.extra_paths.push_back(path);
      }
    }
  }
  options.access = access_of(settings.webserver);
  options.access.on_burst = std::move(on_burst);
  options.whole_body = settings.limits.whole_body.bytes;
  options.max_event = settings.limits.max_event.bytes;
  options.max_in_flight = settings.limits.max_in_flight.bytes;
  options.max_requests = settings.limits.max_requests;
  return options;
}

void check_webhook(const config::Settings& settings, base::Diagnostics& diagnostics) {
  const base::SystemClock clock;
  source::WebhookSource webhook(webhook_options(settings, config::listeners(settings)), {}, {},
                                clock);
  if (const auto opened = webhook.open(); !opened) {
    base::Diagnostic mistake;
    mistake.code = to_text(config::Code::kBadValue);
    mistake.message = "'webserver.tokens': " + opened.error().text();
    diagnostics.add(std::move(mistake));
  }
}

std::string urls_of(const config::Listener& listener, const std::vector<std::uint16_t>& ports,
                    const std::string& path) {
  std::string out;
  // A name can stand for several addresses, so there may be more sockets than hosts.
  for (std::size_t at = 0; at < ports.size(); ++at) {
    const std::string& host = listener.hosts[std::min(at, listener.hosts.size() - 1)];
    const std::string url = (listener.tls ? "https://" : "http://") + host_text(host) + ":" +
                            std::to_string(ports[at]) + path;
    if (out.find(url) == std::string::npos) {
      out += (out.empty() ? "" : ", ") + url;
    }
  }
  return out;
}

}  // namespace tiercel::app
