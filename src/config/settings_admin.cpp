#include "families.h"

namespace tiercel::config {

namespace {

std::string check_host(std::string_view text) {
  if (text.empty() || text.find_first_of(" \t/@:[]") != std::string_view::npos) {
    return "takes a host name without scheme, port and path, not '" + std::string(text) + "'";
  }
  return {};
}

}  // namespace

void describe_admin(Schema& schema, Settings& settings) {
  Section<AdminSettings> s(schema, "admin", settings.admin,
                           "Where metrics and the API are served, by a thread of its own. Nobody "
                           "is asked who they are.");
  s.option(
      "enabled", &AdminSettings::enabled,
      "Open the port; without it nothing serves /metrics, and commands cannot ask the daemon.");
  s.option("listen_address", &AdminSettings::addresses,
           "Addresses to listen on, one or a list; others than loopback need allow_remote. [] with "
           "`socket`: no port.")
      .check(&check_address)
      .mostly_one()
      .example("[127.0.0.1, \"::1\"]");
  s.option("listen_port", &AdminSettings::port,
           "The port; 0 lets the system choose, the log says which, and commands cannot find it.")
      .between(0, 65535);
  s.option("socket", &AdminSettings::socket,
           "A Unix socket beside the port, mode 0600: root and the daemon's user may open it. What "
           "changes something, as `tiercel rules disable`, is taken there alone.")
      .example("/run/tiercel/admin.sock");
  s.option("allow_changes", &AdminSettings::allow_changes,
           "Take changes over the port too: whoever reaches it may then disable rules. Every user "
           "of this host reaches loopback, and so does a pod with hostNetwork.");
  s.option("allow_remote", &AdminSettings::allow_remote,
           "Allow addresses other than loopback: whoever reaches them reads rules, figures and the "
           "errors of outputs, and with allow_changes disables rules. Let a firewall or "
           "NetworkPolicy decide who.");
  s.option("allowed_hosts", &AdminSettings::allowed_hosts,
           "Host names that requests may name beside localhost and the addresses listened on; any "
           "other is refused, so that no web page reaches the port through a browser on this host.")
      .check(&check_host)
      .example("[node-1.example.com]");
}

}  // namespace tiercel::config
