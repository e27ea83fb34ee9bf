#include <array>
#include <string>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "transport.h"

namespace tiercel::http {

namespace {

namespace asio = boost::asio;
constexpr auto kWait = asio::as_tuple(asio::use_awaitable);

constexpr char kHandshakeRecord = 0x16;
constexpr std::string_view kPlainAnswer =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Connection: close\r\nContent-Length: 47\r\n\r\n"
    "this port speaks TLS: use https:// in the URL.\n";

/// What the operator can do about the handshake errors that are met in practice.
std::string_view advice(const boost::system::error_code& error) {
  if (error.category() != asio::error::get_ssl_category()) {
    return {};
  }
  switch (ERR_GET_REASON(static_cast<unsigned long>(error.value()))) {
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
      return "; the client does not trust our certificate: set certificate-authority in the "
             "webhook's kubeconfig";
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_UNKNOWN_PROTOCOL:
      return "; the client offers nothing newer than TLS 1.1";
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return "; the client shows no certificate: set client-certificate and client-key in the "
             "webhook's kubeconfig";
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      return "; the client's certificate is not signed by our client CA";
    default:
      return {};
  }
}

class TlsTransport final : public Transport {
 public:
  TlsTransport(asio::ip::tcp::socket socket, std::shared_ptr<asio::ssl::context> context)
      : context_(std::move(context)), stream_(std::move(socket), *context_) {}

  asio::awaitable<bool> open(std::string& problem) override {
    asio::ip::tcp::socket& socket = stream_.next_layer();
    const auto [waited] = co_await socket.async_wait(asio::socket_base::wait_read, kWait);
    if (waited) {
      co_return false;
    }
    char first = 0;
    boost::system::error_code error;
    socket.non_blocking(true, error);
    const std::size_t peeked =
        socket.receive(asio::buffer(&first, 1), asio::socket_base::message_peek, error);
    if (error || peeked == 0) {
      co_return false;
    }
    if (first != kHandshakeRecord) {
      problem = "a client speaks plain HTTP to the TLS port: use https:// in its URL";
      co_await asio::async_write(socket, asio::buffer(kPlainAnswer), kWait);
      socket.shutdown(asio::socket_base::shutdown_send, error);
      co_await swallow(socket);
      co_return false;
    }
    const auto [failed] = co_await stream_.async_handshake(asio::ssl::stream_base::server, kWait);
    if (failed && failed != asio::error::operation_aborted) {
      problem = "TLS handshake failed: " + failed.message() + std::string(advice(failed));
    }
    co_return !failed;
  }

  asio::awaitable<ReadResult> read_some(std::span<char> room) override {
    const auto [error, size] =
        co_await stream_.async_read_some(asio::buffer(room.data(), room.size()), kWait);
    // A peer that closes without close_notify; what it sent has its own length.
    co_return ReadResult{error == asio::ssl::error::stream_truncated ? asio::error::eof : error,
                         size};
  }

  asio::awaitable<boost::system::error_code> write(std::string_view head,
                                                   std::string_view body) override {
    // One record where it is short: ssl::stream makes a record of each buffer.
    constexpr std::size_t kJoin = 16U << 10U;
    if (head.size() + body.size() <= kJoin) {
      joined_.assign(head);
      joined_.append(body);
      const auto [error, size] = co_await asio::async_write(stream_, asio::buffer(joined_), kWait);
      co_return error;
    }
    const std::array<asio::const_buffer, 2> buffers{asio::buffer(head), asio::buffer(body)};
    const auto [error, size] = co_await asio::async_write(stream_, buffers, kWait);
    co_return error;
  }

  asio::awaitable<void> end_sending() override { co_await stream_.async_shutdown(kWait); }

  void cancel() override {
    boost::system::error_code ignored;
    stream_.next_layer().cancel(ignored);
  }

  void close() override {
    boost::system::error_code ignored;
    stream_.next_layer().close(ignored);
  }

 private:
  /// Reads what a plain client sent, or closing would reset the answer away.
  static asio::awaitable<void> swallow(asio::ip::tcp::socket& socket) {
    std::array<char, 4096> room;
    for (int rounds = 0; rounds < 256; ++rounds) {
      const auto [error, size] = co_await socket.async_read_some(asio::buffer(room), kWait);
      if (error) {
        break;
      }
    }
  }

  std::shared_ptr<asio::ssl::context> context_;
  asio::ssl::stream<asio::ip::tcp::socket> stream_;
  std::string joined_;
};

}  // namespace

std::unique_ptr<Transport> make_tls_transport(asio::ip::tcp::socket socket,
                                              std::shared_ptr<asio::ssl::context> context) {
  return std::make_unique<TlsTransport>(std::move(socket), std::move(context));
}

}  // namespace tiercel::http
