#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "tiercel/base/clock.h"
#include "tiercel/http/router.h"
#include "tiercel/source/source.h"

namespace tiercel::source {

/// Sizes in bytes.
struct WebhookOptions {
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
  /// After refusing for so long without a pause, 503 without Retry-After: what the
  /// apiserver holds for us meanwhile is its own memory.
  std::chrono::seconds give_up_after{120};
};

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

  /// Adds POST on every path, and a log line with the right URL for posts to a wrong path.
  void add_routes(http::Router& router);
  boost::asio::awaitable<http::Response> handle(const http::Request& request,
                                                http::BodyReader& body);
  [[nodiscard]] std::vector<std::string> paths() const;
  [[nodiscard]] std::uint64_t bytes_in_flight() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tiercel::source
