#include "notify.h"

#include <algorithm>
#include <cstdint>

#include <systemd/sd-daemon.h>

namespace tiercel::app {

namespace {

void notify(const std::string& state) { (void)::sd_notify(0, state.c_str()); }

}  // namespace

void notify_ready(const std::string& status) { notify("READY=1\nSTATUS=" + status); }

void notify_reloading() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  notify("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

void notify_stopping(std::chrono::milliseconds longest) {
  notify("STOPPING=1\nSTATUS=finishing what was accepted\nEXTEND_TIMEOUT_USEC=" +
         std::to_string(std::chrono::microseconds(longest).count()));
}

void notify_alive() { notify("WATCHDOG=1"); }

std::optional<std::chrono::milliseconds> watchdog_interval() {
  std::uint64_t microseconds = 0;
  if (::sd_watchdog_enabled(0, &microseconds) <= 0) {
    return std::nullopt;
  }
  // Half of the time that may pass, as the manual advises.
  return std::chrono::milliseconds(std::max<std::uint64_t>(microseconds / 2000, 1));
}

}  // namespace tiercel::app
