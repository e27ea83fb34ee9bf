#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tiercel/base/error.h"

namespace tiercel::http {

/// How a client reaches its peer; the same for all requests of one output. Only https and
/// http URLs; redirects are never followed, since they turn a POST into a GET.
struct ClientOptions {
  std::string user_agent{};
  bool insecure = false;    ///< no check of the peer's certificate and name
  std::string ca_cert{};    ///< PEM file; the first that is not empty of these three counts
  std::string ca_bundle{};  ///< PEM file
  std::string ca_path{};    ///< folder of hashed certificates
  bool mtls = false;
  std::string client_cert{};  ///< PEM file, with `mtls`
  std::string client_key{};
  std::string proxy{};              ///< "" takes none from the environment either
  std::string bearer_token{};       ///< secret
  std::string bearer_token_file{};  ///< read again for each request, so that it can be rotated
  std::string username{};           ///< basic authentication
  std::string password{};           ///< secret
  std::vector<std::pair<std::string, std::string>> headers{};
  enum class Compression : std::uint8_t { kNone, kGzip, kZstd };
  Compression compression = Compression::kNone;
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds timeout{30'000};           ///< of the whole request
  std::uint64_t max_answer = std::uint64_t{4} << 20U;  ///< bytes read of an answer's body
  bool tcp_keep_alive = true;
  std::string unix_socket{};  ///< connect to this one, whatever the URL's host
};

struct ClientRequest {
  std::string_view method = "POST";
  std::string_view url;
  std::string_view content_type = "application/json";
  std::string_view body;
  std::vector<std::pair<std::string, std::string>> headers{};  ///< beside the client's
  std::string_view wanted_header{};  ///< of the answer, for ClientResponse::wanted_header
};

/// What the peer answered, whatever its status.
struct ClientResponse {
  int status = 0;
  std::string body{};  ///< the first max_answer bytes; the rest is not waited for
  bool is_cut = false;
  std::string content_type{};
  std::string location{};       ///< where a redirect leads
  std::string wanted_header{};  ///< its value; empty where there is none
  /// Of Retry-After, in seconds or as a date; at most one hour.
  std::optional<std::chrono::milliseconds> retry_after;
};

/// A client for one peer, its connection kept between requests (libcurl).
///
/// Runs on: one thread, but for interrupt(). Errors have the codes connect_failed,
/// tls_failed, timeout, reset, interrupted, bad_url, file_unreadable, request_failed; their
/// text says what to do. An answer with a bad status is no error here.
class Client {
 public:
  explicit Client(ClientOptions options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Files that are named and cannot be read, a bad proxy: told at start.
  [[nodiscard]] base::Result<void> check() const;
  [[nodiscard]] base::Result<ClientResponse> send(const ClientRequest& request);
  /// The bearer token of the last request, as configured or as its file held it then.
  [[nodiscard]] const std::string& last_token() const;
  /// Makes a send() in hand end soon, and later ones at once. Any thread.
  void interrupt();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// "http://host:port/path" with host and scheme checked; what is wrong, or nothing.
[[nodiscard]] std::string url_complaint(std::string_view url);
struct UrlParts {
  std::string scheme;
  std::string host;  ///< of an IPv6 address without its brackets
  std::string port;  ///< the scheme's own where none is given
  std::string path;  ///< "/" where none is given
};
/// As the client reads it; all parts empty where it is no URL.
[[nodiscard]] UrlParts split_url(std::string_view url);
/// Percent-encodes one path segment or query value.
[[nodiscard]] std::string url_encode(std::string_view text);
/// The text that was so encoded; a % that begins no byte is left as it is.
[[nodiscard]] std::string url_decode(std::string_view text);

}  // namespace tiercel::http
