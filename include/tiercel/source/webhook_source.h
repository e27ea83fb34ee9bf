#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "tiercel/base/clock.h"
#include "tiercel/http/router.h"
#include "tiercel/source/source.h"

namespace tiercel::source {

/// Who may post. Empty parts ask for nothing.
struct WebhookAccess {
  std::vector<std::pair<std::string, std::string>> tokens{};  ///< name and file of each
  std::vector<std::string> networks{};                        ///< CIDR
  std::vector<std::string> names{};  ///< of client certificates; `*` stands for any run
  /// Whether the ports ask for certificates. Required ones are demanded in the handshake.
  enum class Certificate : std::uint8_t { kNone, kOptional, kRequired };
  Certificate certificate = Certificate::kNone;
  /// Told when many requests are refused within a minute, or some in each of several minutes: the
  /// last one's address, and why.
  /// Runs on: io thread.
  using OnBurst = std::function<void(const std::string& peer, std::string_view reason)>;
  OnBurst on_burst{};
};

/// Of an answer 200: the name that the sender has proved to be, which ka.cluster.name has for its
/// events; percent-encoded. Not sent where it has proved none.
inline constexpr std::string_view kClientHeader = "Tiercel-Client";

/// Sizes in bytes.
struct WebhookOptions {
  WebhookAccess access{};
  /// Further paths beside /k8s_audit and /k8s-audit, which are always served.
  std::vector<std::string> extra_paths;
  /// Up to this size a body is read whole and is one batch; a longer one is cut at item
  /// borders as it arrives.
  std::uint64_t whole_body = std::uint64_t{8} << 20U;
  /// A window of a longer body is handed on as soon as it holds this much.
  std::uint64_t window = std::uint64_t{4} << 20U;
  /// The longest item of a longer body; a longer item is reported, not evaluated.
  std::uint64_t max_event = std::uint64_t{16} << 20U;
  /// Bytes of all requests in hand. One request is always admitted, however large.
  std::uint64_t max_in_flight = std::uint64_t{256} << 20U;
  std::uint32_t max_requests = 2048;  ///< in hand
  /// After refusing for so long without a pause, 503 without Retry-After: what the
  /// apiserver holds for us meanwhile is its own memory.
  std::chrono::seconds give_up_after{120};
};

/// What a look at the files of tokens has found.
struct RenewedTokens {
  std::vector<std::string> names;   ///< of those read again
  std::vector<base::Error> errors;  ///< of those that cannot be used; the ones from before stay
};
/// Which credentials to read again: those whose files have changed, also those that could not be
/// read the last time (which are not told of again), or all.
enum class Renew : std::uint8_t { kChanged, kFailed, kAll };

/// The audit webhook: reads a POST's body into one Batch, or into a series of windows, and
/// answers as the sink decides. See README.md of the room for the statuses.
///
/// Runs on: any io thread; thread-safe. Outlives the server that its routes are given to.
class WebhookSource {
 public:
  WebhookSource(WebhookOptions options, BatchSink sink, BadPieceSink bad, const base::Clock& clock);
  ~WebhookSource();
  WebhookSource(const WebhookSource&) = delete;
  WebhookSource& operator=(const WebhookSource&) = delete;

  /// Reads the files of tokens. Errors: "token_file".
  [[nodiscard]] base::Result<void> open();
  /// Reads files of tokens again. Runs on: one thread, that of open().
  [[nodiscard]] RenewedTokens renew_tokens(Renew which);
  /// Counts a client that was refused before it could send a request.
  void refuse(const std::string& peer, std::string_view reason);
  /// Adds POST on every path, and on every path with the name of a cluster behind it, and a log
  /// line with the right URL for posts to a wrong path.
  void add_routes(http::Router& router);
  boost::asio::awaitable<http::Response> handle(const http::Request& request,
                                                http::BodyReader& body);
  [[nodiscard]] std::vector<std::string> paths() const;
  [[nodiscard]] std::uint64_t bytes_in_flight() const;
  [[nodiscard]] std::uint64_t requests_in_flight() const;
  /// The bounds of both.
  [[nodiscard]] std::uint64_t most_bytes() const;
  [[nodiscard]] std::uint64_t most_requests() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tiercel::source
