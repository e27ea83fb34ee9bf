#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "daemon.h"

namespace tiercel::bench {

struct SetupOptions {
  bool shipped_rules = true;
  /// The rule that matches the alerting events of a Request.
  bool alerting_rule = true;
  std::size_t io_threads = 0;  ///< 0: the default
  /// A certificate and its key, PEM: the audit port speaks TLS. Empty: it does not.
  std::string tls{};
};

/// What a process took of the processors, in seconds.
struct CpuTime {
  double running = 0;
  double waiting = 0;  ///< it could have run, had a processor been free
};

/// The built daemon, running in a folder of its own: its store, its alert file, its quarantine.
/// Ends the program where it does not start.
class Setup {
 public:
  explicit Setup(const std::string& folder, const SetupOptions& options = {});

  [[nodiscard]] support::Daemon& daemon() { return daemon_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string alerts() const { return folder_ + "/alerts.log"; }
  /// Of all its threads, since its start. Zero where the kernel does not count it.
  [[nodiscard]] CpuTime cpu() const;
  /// As a power cut would find it.
  void kill();
  /// Waits for its stop; ends the program where that was no clean one.
  void stop();

 private:
  std::string folder_;
  support::Daemon daemon_;
  std::uint16_t port_;
};

/// A folder within the other, made where it is not there; its path.
std::string folder_in(const std::string& folder, const std::string& name);

}  // namespace tiercel::bench
