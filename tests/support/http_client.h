#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct ssl_session_st;  // SSL_SESSION

namespace tiercel::support {

/// An answer as read off the wire.
struct HttpAnswer {
  /// 0 when none came: the connection ended or the time was over.
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  /// The first header of that name, in any case; empty when absent.
  [[nodiscard]] std::string header(std::string_view name) const;
};

/// How a client of a TLS server behaves. The server's certificate is not checked unless
/// `ca_file` is set.
struct TlsClientOptions {
  std::string ca_file{};
  std::string certificate_file{};  ///< with its key, for servers that ask for one
  std::vector<std::string> alpn{};
  int max_version = 0;                        ///< an OpenSSL version constant; 0: the newest
  std::shared_ptr<ssl_session_st> session{};  ///< of an earlier client, to be resumed
};

/// One blocking connection to 127.0.0.1 (or another numeric address), over which tests
/// send what they like, malformed things too. Every wait ends after `timeout`.
class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port, const TlsClientOptions* tls = nullptr,
                      const std::string& address = "127.0.0.1");
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) = delete;

  /// False when the connection or the handshake failed; `problem()` says why.
  [[nodiscard]] bool connected() const;
  [[nodiscard]] const std::string& problem() const;
  /// The protocol chosen by ALPN, and the TLS version ("TLSv1.3").
  [[nodiscard]] std::string alpn() const;
  [[nodiscard]] std::string tls_version() const;
  [[nodiscard]] std::string cipher() const;
  /// To be resumed by another client. TLS 1.3 gives one with the first answer.
  [[nodiscard]] std::shared_ptr<ssl_session_st> session() const;
  /// Whether the handshake was a resumption.
  [[nodiscard]] bool is_resumed() const;

  /// The alert that the peer has sent, as its number in TLS (40: handshake_failure); -1: none.
  /// Where it refuses a certificate, TLS 1.3 has it behind the handshake: with the first read.
  [[nodiscard]] int alert() const;

  /// Asks for another handshake on the connection (TLS 1.2); false where the peer refuses.
  bool renegotiate();

  /// False when the peer has closed or reset.
  bool send(std::string_view bytes);
  /// Sends bytes beside TLS, as a broken peer would.
  bool send_raw(std::string_view bytes);
  /// No more bytes from us, without the goodbye of TLS.
  void end_sending_raw();
  /// Reads one answer; `head_only` for the answer to HEAD. Skips "100 Continue" unless
  /// `informational` is wanted.
  HttpAnswer read_answer(bool head_only = false, bool informational = false);
  /// send() and read_answer().
  HttpAnswer exchange(std::string_view bytes);
  /// No more bytes from us; answers can still be read.
  void end_sending();
  /// True when the peer closes before the timeout without sending anything more.
  bool closed_by_peer();
  void close();

  void set_timeout(std::chrono::milliseconds timeout);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// "POST /path HTTP/1.1" with Host, Content-Type application/json and Content-Length.
[[nodiscard]] std::string post(std::string_view path, std::string_view body,
                               std::string_view more_headers = {});
/// "GET /path HTTP/1.1" with Host.
[[nodiscard]] std::string get(std::string_view path);
/// gzip of the text.
[[nodiscard]] std::string gzipped(std::string_view text);

}  // namespace tiercel::support
