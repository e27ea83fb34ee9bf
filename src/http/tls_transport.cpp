#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "tls_names.h"
#include "tls_socket.h"
#include "tls_verify.h"
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
std::string advice(const boost::system::error_code& error, const Refusal& refusal) {
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
    case SSL_R_BAD_SIGNATURE:
      return "; the client does not hold the key of the certificate that it shows";
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      return http::advice(refusal);
    default:
      return {};
  }
}

bool is_refusal(const boost::system::error_code& error) {
  const int reason = error.category() == asio::error::get_ssl_category()
                         ? ERR_GET_REASON(static_cast<unsigned long>(error.value()))
                         : 0;
  return reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE ||
         reason == SSL_R_CERTIFICATE_VERIFY_FAILED || reason == SSL_R_BAD_SIGNATURE;
}

// OpenSSL reads the socket itself: one system call for several records, each decrypted where
// it lies and copied once, into the caller's room. (asio::ssl::stream makes two more copies,
// and comes back after each record.)
class TlsTransport final : public Transport {
 public:
  TlsTransport(asio::ip::tcp::socket socket, std::shared_ptr<asio::ssl::context> context)
      : context_(std::move(context)),
        socket_(std::move(socket)),
        ssl_(SSL_new(context_->native_handle())) {}

  asio::awaitable<bool> open(std::string& problem) override {
    is_cancelled_ = false;
    char first = 0;
    boost::system::error_code error;
    socket_.non_blocking(true, error);
    do {
      const auto [waited] = co_await socket_.async_wait(asio::socket_base::wait_read, kWait);
      if (waited || is_cancelled_) {
        co_return false;
      }
      (void)socket_.receive(asio::buffer(&first, 1), asio::socket_base::message_peek, error);
      // That a wait ends is a hint: an event of the socket that had the number before may end it.
    } while (error == asio::error::would_block || error == asio::error::try_again);
    if (error) {
      if (error != asio::error::eof && error != asio::error::connection_reset) {
        problem = "a connection failed before its TLS handshake: " + error.message();
      }
      co_return false;
    }
    if (first != kHandshakeRecord) {
      problem = "a client speaks plain HTTP to the TLS port: use https:// in its URL";
      co_await asio::async_write(socket_, asio::buffer(kPlainAnswer), kWait);
      socket_.shutdown(asio::socket_base::shutdown_send, error);
      co_await swallow();
      co_return false;
    }
    BIO* const bio = ssl_ == nullptr ? nullptr : make_socket_bio(socket_.native_handle());
    if (bio == nullptr) {
      problem = "no memory for a TLS connection";
      co_return false;
    }
    SSL_set_bio(ssl_.get(), bio, bio);
    keep_refusal(ssl_.get(), refusal_);
    const auto failed = co_await run([this] { return SSL_accept(ssl_.get()); });
    if (failed && failed != asio::error::operation_aborted) {
      is_refused_ = is_refusal(failed);
      problem = "TLS handshake failed: " + failed.message() + advice(failed, refusal_);
    }
    co_return !failed;
  }

  [[nodiscard]] PeerCertificate peer_certificate() const override {
    return http::peer_certificate(ssl_.get());
  }

  [[nodiscard]] bool has_refused_peer() const override { return is_refused_; }

  // As many records as OpenSSL has read already and fit: to come back for each would cost more than
  // to decrypt it. The socket is asked again only where there was nothing: its end, without a
  // close_notify before it, would keep OpenSSL from sending the answer to what came.
  asio::awaitable<ReadResult> read_some(std::span<char> room) override {
    is_cancelled_ = false;
    // Where bytes are always here, nothing below waits, and the thread has others to serve.
    co_await asio::post(socket_.get_executor(), asio::use_awaitable);
    if (failed_) {
      co_return ReadResult{failed_, 0};
    }
    std::size_t size = 0;
    const auto more = [&] {
      std::size_t got = 0;
      int result = 1;
      while (result == 1 && size < room.size() && (size == 0 || SSL_has_pending(ssl_.get()) == 1)) {
        result = SSL_read_ex(ssl_.get(), room.data() + size, room.size() - size, &got);
        size += result == 1 ? got : 0;
      }
      if (size == 0 || result == 1) {
        return result;
      }
      // What came is handed on first; OpenSSL would not tell again why there is no more.
      if (const int reason = SSL_get_error(ssl_.get(), result); !is_wait(reason)) {
        failed_ = error_of(reason, errno);
      }
      return 1;
    };
    const boost::system::error_code error = co_await run(more);
    co_return ReadResult{error, size};
  }

  asio::awaitable<boost::system::error_code> write(std::string_view head,
                                                   std::string_view body) override {
    is_cancelled_ = false;
    // One record where it is short.
    constexpr std::size_t kJoin = 16U << 10U;
    if (head.size() + body.size() <= kJoin) {
      joined_.assign(head);
      joined_.append(body);
      co_return co_await write_all(joined_);
    }
    const boost::system::error_code error = co_await write_all(head);
    if (error) {
      co_return error;
    }
    co_return co_await write_all(body);
  }

  asio::awaitable<void> end_sending() override {
    is_cancelled_ = false;
    // Ours is sent by the first call, the peer's awaited by the second: a connection that is
    // closed before may reset what the peer has not read.
    int result = 0;
    const auto shut = [&] {
      result = SSL_shutdown(ssl_.get());
      return result < 0 ? result : 1;
    };
    if (const auto error = co_await run(shut); !error && result == 0) {
      (void)co_await run(shut);
    }
  }

  void cancel() override {
    is_cancelled_ = true;  // the operation may be between two waits
    boost::system::error_code ignored;
    socket_.cancel(ignored);
  }

  void close() override {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  /// Calls a function of OpenSSL until it succeeds (returns 1) or fails, waiting for the socket
  /// in between.
  template <class Step>
  asio::awaitable<boost::system::error_code> run(Step step) {
    while (true) {
      // Closed while the caller was elsewhere: the descriptor's number may be another's by now.
      if (!socket_.is_open()) {
        co_return asio::error::operation_aborted;
      }
      ERR_clear_error();
      errno = 0;
      const int result = step();
      if (result == 1) {
        co_return boost::system::error_code();
      }
      const int reason = SSL_get_error(ssl_.get(), result);
      if (!is_wait(reason)) {
        co_return error_of(reason, errno);
      }
      if (is_cancelled_) {
        co_return asio::error::operation_aborted;
      }
      const auto wanted = reason == SSL_ERROR_WANT_READ ? asio::socket_base::wait_read
                                                        : asio::socket_base::wait_write;
      const auto [error] = co_await socket_.async_wait(wanted, kWait);
      if (error) {
        co_return error;
      }
    }
  }

  static bool is_wait(int reason) {
    return reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE;
  }

  static boost::system::error_code error_of(int reason, int system) {
    // What TLS makes of it; a check that failed underneath is told before.
    const unsigned long error = ERR_peek_last_error();
    ERR_clear_error();
    // A peer that closes without close_notify too: what it sent has its own length.
    if (reason == SSL_ERROR_ZERO_RETURN ||
        ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
      return asio::error::eof;
    }
    if (reason == SSL_ERROR_SYSCALL) {
      return system == 0 ? boost::system::error_code(asio::error::eof)
                         : boost::system::error_code(system, boost::system::system_category());
    }
    return {static_cast<int>(error), asio::error::get_ssl_category()};
  }

  asio::awaitable<boost::system::error_code> write_all(std::string_view bytes) {
    if (bytes.empty()) {
      co_return boost::system::error_code();
    }
    co_return co_await run([this, bytes] {
      std::size_t put = 0;
      return SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &put);
    });
  }

  /// Reads what a plain client sent, or closing would reset the answer away.
  asio::awaitable<void> swallow() {
    std::array<char, 4096> room;
    for (int rounds = 0; rounds < 256; ++rounds) {
      const auto [error, size] = co_await socket_.async_read_some(asio::buffer(room), kWait);
      if (error) {
        break;
      }
    }
  }

  std::shared_ptr<asio::ssl::context> context_;
  asio::ip::tcp::socket socket_;
  std::unique_ptr<SSL, Free> ssl_;
  bool is_cancelled_ = false;         // the operation in hand
  bool is_refused_ = false;           // the peer, by the handshake
  Refusal refusal_;                   // of its certificate
  boost::system::error_code failed_;  // of a read that gave bytes too
  std::string joined_;
};

}  // namespace

std::unique_ptr<Transport> make_tls_transport(asio::ip::tcp::socket socket,
                                              std::shared_ptr<asio::ssl::context> context) {
  return std::make_unique<TlsTransport>(std::move(socket), std::move(context));
}

}  // namespace tiercel::http
