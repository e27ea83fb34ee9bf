#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace tiercel::app {

/// What the service manager is told, where there is one (NOTIFY_SOCKET).
void notify_ready(const std::string& status);
void notify_reloading();
void notify_stopping();
void notify_alive();
/// How often notify_alive() must be called; nothing without a watchdog.
[[nodiscard]] std::optional<std::chrono::milliseconds> watchdog_interval();

}  // namespace tiercel::app
