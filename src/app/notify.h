#pragma once

#include <chrono>
#include <string>

namespace tiercel::app {

/// Tells systemd, where it started us ("READY=1"); otherwise nothing.
void notify_service_manager(const char* state);

/// Keeps systemd's watchdog content while the main loop turns.
class Watchdog {
 public:
  Watchdog();
  /// How often pat() is due; a second where nobody watches.
  [[nodiscard]] std::chrono::milliseconds interval() const { return interval_; }
  void pat() const;

 private:
  std::chrono::milliseconds interval_{1000};
  bool watched_ = false;
};

/// Writes the process id without a newline; true when there is nothing to write.
[[nodiscard]] bool write_pidfile(const std::string& path);

}  // namespace tiercel::app
