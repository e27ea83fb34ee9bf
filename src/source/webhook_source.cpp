#include "tiercel/source/webhook_source.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <span>
#include <utility>

#include "tiercel/base/log_limit.h"
#include "tiercel/config/settings.h"
#include "tiercel/http/client.h"

#include "admission.h"
#include "client_access.h"
#include "content_type.h"
#include "path_hint.h"
#include "pressure.h"
#include "window_cutter.h"

namespace tiercel::source {

namespace asio = boost::asio;

namespace {

constexpr std::string_view kSource = "webhook";
/// How much of a broken body is kept for the report.
constexpr std::size_t kHeadBytes = 64U << 10U;
/// How much of a large body is read before it is cut.
constexpr std::size_t kReadBytes = 256U << 10U;

/// The same for every reason, so that nobody learns which part was wrong.
http::Response unauthorized() {
  http::Response response = http::text_response(401, "unauthorized");
  response.headers.push_back({"WWW-Authenticate", "Bearer"});
  response.close = true;
  return response;
}

}  // namespace

class WebhookSource::Impl {
 public:
  Impl(WebhookOptions options, BatchSink sink, BadPieceSink bad, const base::Clock& clock)
      : options_(std::move(options)),
        sink_(std::move(sink)),
        bad_(std::move(bad)),
        clock_(clock),
        paths_{"/k8s_audit", "/k8s-audit"},
        access_(options_.access),
        refusals_(options_.access.on_burst, clock),
        admission_(options_.max_in_flight, options_.max_requests),
        pressure_(clock, options_.give_up_after) {
    for (const std::string& path : options_.extra_paths) {
      if (std::find(paths_.begin(), paths_.end(), path) == paths_.end()) {
        paths_.push_back(path);
      }
    }
  }

  base::Result<void> open() { return access_.open(); }
  RenewedTokens renew_tokens(Renew which) { return access_.renew_tokens(which); }
  void refuse(const std::string& peer, std::string_view reason) { refusals_.add(peer, reason); }
  asio::awaitable<http::Response> handle(const http::Request& request, http::BodyReader& body);
  void report_wrong_path(const http::Request& request);
  [[nodiscard]] const std::vector<std::string>& paths() const { return paths_; }
  [[nodiscard]] const WebhookOptions& options() const { return options_; }
  [[nodiscard]] std::uint64_t used() const { return admission_.used(); }
  [[nodiscard]] std::uint64_t requests() const { return admission_.requests(); }

 private:
  /// One request while it is handled.
  struct Delivery {
    const http::Request& request;
    http::BodyReader& body;
    Admission::Share& share;
    std::int64_t arrival;
    std::string cluster;
    bool cluster_is_proved;
  };
  struct Large {
    explicit Large(WindowCutter& window_cutter) : cutter(window_cutter) {}
    WindowCutter& cutter;
    std::string head;        ///< the body's first bytes, for a report
    std::uint64_t size = 0;  ///< bytes seen
    bool broken = false;
    std::string bad_gzip;  ///< what was wrong where that broke it
    Windows windows;
  };

  /// Whether a path was written twice, as in /k8s_audit/k8s_audit. Only those that are always
  /// there: a path of the configuration can be called as a cluster is.
  [[nodiscard]] static bool is_own_path(std::string_view name) {
    return name == "k8s_audit" || name == "k8s-audit";
  }
  [[nodiscard]] std::string_view cluster_of_path(std::string_view path) const;
  [[nodiscard]] static bool is_cluster_or_none(std::string_view name) {
    return name.empty() || config::is_cluster_name(name);
  }
  [[nodiscard]] std::uint64_t announced(const http::Request& request) const;
  /// What a body holds in memory at most, however long it is.
  [[nodiscard]] std::uint64_t most_held() const {
    return std::max(options_.whole_body, options_.window + options_.max_event + kReadBytes);
  }
  asio::awaitable<http::Response> take_whole(Delivery& delivery);
  asio::awaitable<http::Response> take_large(Delivery& delivery, base::Bytes first,
                                             std::size_t size);
  asio::awaitable<BatchOutcome> cut(Delivery& delivery, Large& large, std::string_view bytes);
  asio::awaitable<BatchOutcome> hand_over(Delivery& delivery, Batch batch,
                                          Windows* windows = nullptr);
  asio::awaitable<std::optional<BatchOutcome>> read_large(Delivery& delivery, Large& large);
  void report(const Delivery& delivery, audit::BadInput input, std::uint64_t size) const;
  http::Response response_of(BatchOutcome outcome);

  const WebhookOptions options_;
  const BatchSink sink_;
  const BadPieceSink bad_;
  const base::Clock& clock_;
  std::vector<std::string> paths_;
  ClientAccess access_;
  Refusals refusals_;
  Admission admission_;
  Pressure pressure_;
  base::LogLimit wrong_path_log_;
};

// What stands behind one of our paths and a slash; empty where nothing does.
std::string_view WebhookSource::Impl::cluster_of_path(std::string_view path) const {
  if (std::find(paths_.begin(), paths_.end(), path) != paths_.end()) {
    return {};
  }
  return path.substr(path.rfind('/') + 1);
}

// What it will hold as far as it says; where it does not, an ordinary one fits.
std::uint64_t WebhookSource::Impl::announced(const http::Request& request) const {
  return request.content_length && !request.gzip ? std::min(*request.content_length, most_held())
                                                 : options_.whole_body;
}

asio::awaitable<http::Response> WebhookSource::Impl::handle(const http::Request& request,
                                                            http::BodyReader& body) {
  ClientAccess::Verdict verdict = access_.judge(request);
  if (!verdict.is_allowed) {
    refusals_.add(request.peer, verdict.reason);
    co_return unauthorized();
  }
  const bool is_proved = !verdict.identity.empty();
  if (request.vouch && is_proved) {
    request.vouch();
  }
  const std::string_view named = cluster_of_path(request.path);
  if (!is_cluster_or_none(named) || is_own_path(named)) {
    report_wrong_path(request);
    co_return http::text_response(404, "not the name of a cluster");
  }
  if (!may_be_batch(request.header("Content-Type"))) {
    co_return http::text_response(415, "a batch of audit events is application/json");
  }
  Admission::Share share = admission_.admit(announced(request));
  if (!share) {
    co_return pressure_.refuse();
  }
  Delivery delivery{request,
                    body,
                    share,
                    clock_.now(),
                    is_proved ? std::move(verdict.identity) : std::string(named),
                    is_proved};
  const bool is_large =
      request.content_length && !request.gzip && *request.content_length > options_.whole_body;
  http::Response response;
  if (is_large) {
    response = co_await take_large(delivery, {}, 0);
  } else {
    response = co_await take_whole(delivery);
  }
  if (is_proved && response.status == 200) {
    response.headers.push_back({std::string(kClientHeader), http::url_encode(delivery.cluster)});
  }
  co_return response;
}

asio::awaitable<http::Response> WebhookSource::Impl::take_whole(Delivery& delivery) {
  Batch batch;
  const std::function<bool(std::size_t)> may_hold = [&delivery](std::size_t size) {
    return delivery.share.grow_to(size);
  };
  const auto piece = co_await delivery.body.read_whole(
      batch.bytes, static_cast<std::size_t>(options_.whole_body), audit::kPadding, &may_hold);
  if (!piece) {
    if (piece.error().code == "no_room") {
      co_return pressure_.refuse();
    }
    if (piece.error().code == "bad_gzip") {
      const std::string_view head(batch.bytes.data(), std::min(batch.bytes.size(), kHeadBytes));
      report(delivery,
             {.bytes = head, .code = "bad_gzip", .message = piece.error().message, .whole = true},
             batch.bytes.size());
    }
    // Otherwise the server answers by itself.
    co_return http::Response{};
  }
  if (piece->extent == http::BodyReader::Extent::kPrefix) {
    co_return co_await take_large(delivery, std::move(batch.bytes), piece->size);
  }
  batch.size = piece->size;
  co_return response_of(co_await hand_over(delivery, std::move(batch)));
}

asio::awaitable<http::Response> WebhookSource::Impl::take_large(Delivery& delivery,
                                                                base::Bytes first,
                                                                std::size_t size) {
  WindowCutter cutter(
      options_.max_event,
      [&](std::string_view head, std::uint64_t item_size) {
        report(delivery,
               {.bytes = head.substr(0, kHeadBytes),
                .code = "too_large",
                .message = "an audit event is longer than max_event",
                .whole = false,
                .item = cutter.items()},
               item_size);
      },
      static_cast<std::size_t>(options_.window) + kReadBytes);
  Large large(cutter);
  BatchOutcome outcome = BatchOutcome::kDone;
  // By pieces, so that a window does not grow to the size of what was read ahead.
  for (std::size_t at = 0; at < size && outcome == BatchOutcome::kDone; at += kReadBytes) {
    outcome = co_await cut(delivery, large, {first.data() + at, std::min(kReadBytes, size - at)});
  }
  base::Bytes().swap(first);
  if (outcome == BatchOutcome::kDone) {
    const auto read = co_await read_large(delivery, large);
    if (!read) {
      co_return http::Response{};
    }
    outcome = *read;
  }
  if (outcome == BatchOutcome::kDone && !large.broken && !cutter.finish()) {
    large.broken = true;
  }
  if (outcome == BatchOutcome::kDone && cutter.size() > 0) {
    large.windows.is_last = true;
    outcome = co_await hand_over(delivery, cutter.take(), &large.windows);
  }
  if (outcome == BatchOutcome::kDone && large.broken) {
    report(delivery,
           {.bytes = large.head,
            .code = large.bad_gzip.empty() ? cutter.problem() : "bad_gzip",
            .message =
                large.bad_gzip.empty() ? "a large body is not a whole audit list" : large.bad_gzip,
            .whole = true},
           large.size);
  }
  co_return response_of(outcome);
}

/// Reads on to the body's end. Nothing when the body could not be read.
asio::awaitable<std::optional<BatchOutcome>> WebhookSource::Impl::read_large(Delivery& delivery,
                                                                             Large& large) {
  std::vector<char> room(kReadBytes);
  while (true) {
    const auto read = co_await delivery.body.read_some(room);
    if (!read && read.error().code == "bad_gzip") {
      large.broken = true;
      large.bad_gzip = read.error().message;
      co_return BatchOutcome::kDone;
    }
    if (!read) {
      co_return std::nullopt;
    }
    if (*read == 0) {
      co_return BatchOutcome::kDone;
    }
    if (!delivery.share.grow_to(std::min(large.size + *read, most_held()))) {
      co_return BatchOutcome::kBusy;
    }
    const auto outcome = co_await cut(delivery, large, {room.data(), *read});
    if (outcome != BatchOutcome::kDone) {
      co_return outcome;
    }
  }
}

asio::awaitable<BatchOutcome> WebhookSource::Impl::cut(Delivery& delivery, Large& large,
                                                       std::string_view bytes) {
  large.size += bytes.size();
  if (large.head.size() < kHeadBytes) {
    large.head.append(bytes.substr(0, kHeadBytes - large.head.size()));
  }
  if (!large.broken && !large.cutter.feed(bytes)) {
    large.broken = true;  // the rest is read and thrown away
  }
  if (large.cutter.size() < options_.window) {
    co_return BatchOutcome::kDone;
  }
  // Where the length is not known, a body that ends with a full window has no last one.
  large.windows.is_last = !delivery.request.gzip && delivery.request.content_length == large.size;
  co_return co_await hand_over(delivery, large.cutter.take(), &large.windows);
}

asio::awaitable<BatchOutcome> WebhookSource::Impl::hand_over(Delivery& delivery, Batch batch,
                                                             Windows* windows) {
  batch.windows = windows;
  // Where nothing proves who sends, having sent something is what tells it from those that hold
  // connections and wait.
  if (delivery.request.vouch) {
    delivery.request.vouch();
  }
  if (!delivery.share.begin()) {
    co_return BatchOutcome::kBusy;
  }
  batch.arrival = delivery.arrival;
  batch.source = kSource;
  batch.peer = delivery.request.peer;
  batch.request = delivery.request.number;
  batch.cluster = delivery.cluster;
  batch.cluster_is_proved = delivery.cluster_is_proved;
  co_return co_await sink_(std::move(batch));
}

void WebhookSource::Impl::report(const Delivery& delivery, audit::BadInput input,
                                 std::uint64_t size) const {
  bad_(BadPiece{.input = std::move(input),
                .size = size,
                .arrival = delivery.arrival,
                .source = kSource,
                .peer = delivery.request.peer,
                .request = delivery.request.number});
}

http::Response WebhookSource::Impl::response_of(BatchOutcome outcome) {
  switch (outcome) {
    case BatchOutcome::kDone:
      pressure_.took_one();
      return {};
    case BatchOutcome::kBusy:
      return pressure_.refuse();
    case BatchOutcome::kFailed:
      break;
  }
  return http::text_response(503, "the alerts of this batch could not be stored");
}

void WebhookSource::Impl::report_wrong_path(const http::Request& request) {
  if (const std::string hint = wrong_path_hint(request, paths_); !hint.empty()) {
    wrong_path_log_.warn(hint);
  }
}

WebhookSource::WebhookSource(WebhookOptions options, BatchSink sink, BadPieceSink bad,
                             const base::Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(sink), std::move(bad), clock)) {}

WebhookSource::~WebhookSource() = default;

base::Result<void> WebhookSource::open() { return impl_->open(); }

RenewedTokens WebhookSource::renew_tokens(Renew which) { return impl_->renew_tokens(which); }

void WebhookSource::refuse(const std::string& peer, std::string_view reason) {
  impl_->refuse(peer, reason);
}

void WebhookSource::add_routes(http::Router& router) {
  for (const std::string& path : impl_->paths()) {
    const auto handler = [this](const http::Request& request, http::BodyReader& body) {
      return impl_->handle(request, body);
    };
    router.add("POST", path, handler);
    router.add_below("POST", path, handler);
  }
  router.on_unknown_path(
      [this](const http::Request& request) { impl_->report_wrong_path(request); });
}

asio::awaitable<http::Response> WebhookSource::handle(const http::Request& request,
                                                      http::BodyReader& body) {
  return impl_->handle(request, body);
}

std::vector<std::string> WebhookSource::paths() const { return impl_->paths(); }

std::uint64_t WebhookSource::bytes_in_flight() const { return impl_->used(); }

std::uint64_t WebhookSource::requests_in_flight() const { return impl_->requests(); }

std::uint64_t WebhookSource::most_bytes() const { return impl_->options().max_in_flight; }

std::uint64_t WebhookSource::most_requests() const { return impl_->options().max_requests; }

}  // namespace tiercel::source
