#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/system/error_code.hpp>

#include "tls_names.h"

namespace boost::asio::ssl {
class context;
}

namespace tiercel::http {

/// The bytes of one connection, plain or inside TLS. One operation at a time.
/// Runs on: io thread of the connection.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  struct ReadResult {
    boost::system::error_code error;  ///< asio::error::eof at the peer's end
    std::size_t size = 0;
  };
  /// The handshake. On failure `problem` says what to tell the operator; empty when the
  /// peer merely went away.
  virtual boost::asio::awaitable<bool> open(std::string& problem) = 0;
  virtual boost::asio::awaitable<ReadResult> read_some(std::span<char> room) = 0;
  /// Writes both, one after the other, in as few packets as possible.
  virtual boost::asio::awaitable<boost::system::error_code> write(std::string_view head,
                                                                  std::string_view body) = 0;
  /// After open().
  [[nodiscard]] virtual PeerCertificate peer_certificate() const { return {}; }
  /// After an open() that failed: the peer has shown no certificate, or none that is good.
  [[nodiscard]] virtual bool has_refused_peer() const { return false; }
  /// Tells the peer that nothing more will come.
  virtual boost::asio::awaitable<void> end_sending() = 0;
  /// The operation in hand ends with operation_aborted; the connection stays usable.
  virtual void cancel() = 0;
  virtual void close() = 0;
};

[[nodiscard]] std::unique_ptr<Transport> make_plain_transport(boost::asio::ip::tcp::socket socket);
/// Of a Unix socket.
[[nodiscard]] std::unique_ptr<Transport> make_plain_transport(
    boost::asio::local::stream_protocol::socket socket);
/// Keeps `context` alive as long as it needs it.
[[nodiscard]] std::unique_ptr<Transport> make_tls_transport(
    boost::asio::ip::tcp::socket socket, std::shared_ptr<boost::asio::ssl::context> context);

}  // namespace tiercel::http
