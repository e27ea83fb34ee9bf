#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tiercel/api/routes.h"
#include "tiercel/base/diagnostic.h"
#include "tiercel/config/settings.h"
#include "tiercel/http/options.h"
#include "tiercel/source/webhook_source.h"

namespace tiercel::app {

/// A server for one port of the configuration. Only a port that takes audit batches gets
/// more than one thread.
[[nodiscard]] http::ServerOptions server_options(const config::Settings& settings,
                                                 const config::Listener& listener,
                                                 std::uint32_t cores);
/// The server of the admin port or socket, with one thread.
[[nodiscard]] http::ServerOptions admin_server_options(const config::Settings& settings,
                                                       const config::Listener& listener);
/// `listener`: as it listens, which the service manager may have decided.
[[nodiscard]] api::HostRule host_rule(const config::AdminSettings& settings,
                                      const config::Listener& listener);
/// `on_burst`: told of refused requests that burst.
[[nodiscard]] source::WebhookOptions webhook_options(const config::Settings& settings,
                                                     const std::vector<config::Listener>& ports,
                                                     source::WebhookAccess::OnBurst on_burst = {});
/// Reads what the webhook needs, as a start would; its mistake goes to `diagnostics`.
void check_webhook(const config::Settings& settings, base::Diagnostics& diagnostics);
/// "http://127.0.0.1:8765/k8s_audit" for each socket, joined by ", ". `ports` are the bound
/// ones, in the order of the listener's hosts.
[[nodiscard]] std::string urls_of(const config::Listener& listener,
                                  const std::vector<std::uint16_t>& ports, const std::string& path);

}  // namespace tiercel::app
