#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "tiercel/base/error.h"
#include "tiercel/base/metrics.h"
#include "tiercel/http/options.h"
#include "tiercel/http/router.h"

namespace tiercel::http {

/// An HTTP/1.1 server: io threads, listening sockets and the connections on them.
/// A connection stays on one thread for its life; its handlers run there.
///
/// Full is never "refused": where a limit of connections is reached, one is closed. Those go first
/// for whose sender nobody has vouched, then those of the peer that holds most, then the one that
/// has made the least progress (idle ones first).
///
/// Order of use: construct, start(), stop(), destroy. All from one thread.
/// REQUIRES: what a handler waits for has either woken it or will never wake it when
/// the Server is destroyed; after stop() the threads still run, so that is the time to
/// stop what handlers wait for.
class Server {
 public:
  Server(ServerOptions options, Router router, base::Metrics& metrics);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Reads the certificate, binds every address and starts the threads. On error
  /// nothing runs and the message says what the operator can do.
  [[nodiscard]] base::Result<void> start();
  /// The bound ports, one per listening socket, in the order of the addresses.
  [[nodiscard]] const std::vector<std::uint16_t>& ports() const;
  /// Reads the certificate files again; new connections use them. On error the old
  /// certificate stays.
  [[nodiscard]] base::Result<void> reload_tls();
  /// Stops accepting, closes idle connections, answers new requests 429 and closes,
  /// lets requests in hand finish; after `deadline` closes what is left. Blocks until
  /// all connections are closed, at most half a second longer than the deadline. True when
  /// none had to be cut.
  bool stop(std::chrono::milliseconds deadline);
  [[nodiscard]] std::size_t connections() const;
  /// Of these the peer's that holds most.
  [[nodiscard]] std::size_t most_of_one_peer() const;
  [[nodiscard]] const Limits& limits() const;
  /// For how long an io thread has not come round; to be asked again and again, each time asks
  /// the threads for the next.
  [[nodiscard]] std::chrono::milliseconds stalled_for();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tiercel::http
