#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace tiercel::app {

/// What the service manager is told, where there is one (NOTIFY_SOCKET).
void notify_ready(const std::string& status);
void notify_reloading();
/// `longest`: how long the stop may take, whatever the unit's TimeoutStopSec says.
void notify_stopping(std::chrono::milliseconds longest);
void notify_alive();
/// How often notify_alive() must be called; nothing without a watchdog.
[[nodiscard]] std::optional<std::chrono::milliseconds> watchdog_interval();

}  // namespace tiercel::app
