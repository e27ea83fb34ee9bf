#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tiercel/base/error.h"
#include "tiercel/config/settings.h"

namespace tiercel::app {

/// The listening sockets that the service manager hands over (systemd's socket activation,
/// LISTEN_FDS). It goes on holding them while the daemon restarts: clients that connect meanwhile
/// wait for the next one instead of being refused.
///
/// Runs on: main thread.
class InheritedSockets {
 public:
  struct Socket {
    int descriptor = -1;
    std::string name;  ///< FileDescriptorName= of the socket unit
    std::string host;  ///< numeric; the path of a Unix socket
    std::uint16_t port = 0;
  };

  InheritedSockets() = default;
  explicit InheritedSockets(std::vector<Socket> sockets) : sockets_(std::move(sockets)) {}
  /// Those of this process, each told of once: programs that it starts do not inherit them.
  [[nodiscard]] static InheritedSockets take();

  /// Those for a port that takes batches, which are handed over with it: all that are not named
  /// admin. Where there are several such ports, the one of the same number, else the first that
  /// asks.
  [[nodiscard]] std::vector<Socket> take_audit(const config::Listener& listener,
                                               const std::vector<config::Listener>& all);
  /// Those for the admin port and its Unix socket. Warns where `listener`, which the configuration
  /// asks for, is something else: commands look there.
  [[nodiscard]] std::vector<Socket> take_admin(const config::Listener& listener);
  /// Closes those that nothing asked for, with a warning each.
  void close_rest();

 private:
  std::vector<Socket> sockets_;
};

/// Whether these may stand for what the configuration asked for: its rules about who can reach a
/// port were applied to `asked`, of which the sockets know nothing. Warns of what is allowed and
/// was not told of yet. Errors: "inherited_socket".
[[nodiscard]] base::Result<void> check_sockets(
    const config::Settings& settings, const config::Listener& asked,
    const std::vector<InheritedSockets::Socket>& sockets);

}  // namespace tiercel::app
