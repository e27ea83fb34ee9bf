#include "notify.h"

#include <algorithm>
#include <cstdio>
#include <fstream>

#include <systemd/sd-daemon.h>
#include <unistd.h>

namespace tiercel::app {

void notify_service_manager(const char* state) {
  std::string message = state;
  if (message == "RELOADING=1") {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    message += "\nMONOTONIC_USEC=" + std::to_string(now.tv_sec * 1'000'000 + now.tv_nsec / 1000);
  }
  ::sd_notify(0, message.c_str());
}

Watchdog::Watchdog() {
  std::uint64_t microseconds = 0;
  watched_ = ::sd_watchdog_enabled(0, &microseconds) > 0;
  if (watched_) {
    const auto third = std::chrono::milliseconds(microseconds / 3000);
    interval_ = std::clamp(third, std::chrono::milliseconds(10), interval_);
  }
}

void Watchdog::pat() const {
  if (watched_) {
    ::sd_notify(0, "WATCHDOG=1");
  }
}

bool write_pidfile(const std::string& path) {
  if (path.empty()) {
    return true;
  }
  std::ofstream out(path, std::ios::trunc);
  out << ::getpid();
  out.flush();
  if (!out) {
    std::fprintf(stderr, "Error: the pidfile %s cannot be written\n", path.c_str());
    return false;
  }
  return true;
}

}  // namespace tiercel::app
