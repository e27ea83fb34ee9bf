#include "tiercel/source/webhook_source.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "tiercel/base/log_limit.h"

#include "admission.h"
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

}  // namespace

class WebhookSource::Impl {
 public:
  Impl(WebhookOptions options, BatchSink sink, BadPieceSink bad, const base::Clock& clock)
      : options_(std::move(options)),
        sink_(std::move(sink)),
        bad_(std::move(bad)),
        clock_(clock),
        paths_{"/k8s_audit", "/k8s-audit"},
        admission_(options_.max_in_flight),
        pressure_(clock, options_.give_up_after) {
    for (const std::string& path : options_.extra_paths) {
      if (std::find(paths_.begin(), paths_.end(), path) == paths_.end()) {
        paths_.push_back(path);
      }
    }
  }

  asio::awaitable<http::Response> handle(const http::Request& request, http::BodyReader& body);
  void report_wrong_path(const http::Request& request);
  [[nodiscard]] const std::vector<std::string>& paths() const { return paths_; }
  [[nodiscard]] std::uint64_t used() const { return admission_.used(); }

 private:
  /// One request while it is handled.
  struct Delivery {
    const http::Request& request;
    http::BodyReader& body;
    Admission::Share& share;
    std::int64_t arrival;
  };
  struct Large {
    explicit Large(WindowCutter& window_cutter) : cutter(window_cutter) {}
    WindowCutter& cutter;
    std::string head;        ///< the body's first bytes, for a report
    std::uint64_t size = 0;  ///< bytes seen
    bool broken = false;
  };

  [[nodiscard]] std::uint64_t charge(const http::Request& request) const;
  asio::awaitable<http::Response> take_whole(Delivery& delivery);
  asio::awaitable<http::Response> take_large(Delivery& delivery, base::Bytes first,
                                             std::size_t size);
  asio::awaitable<BatchOutcome> cut(Delivery& delivery, Large& large, std::string_view bytes);
  asio::awaitable<BatchOutcome> hand_over(Delivery& delivery, Batch batch);
  asio::awaitable<std::optional<BatchOutcome>> read_large(Delivery& delivery, Large& large);
  void report(const Delivery& delivery, audit::BadInput input, std::uint64_t size) const;
  http::Response response_of(BatchOutcome outcome);

  const WebhookOptions options_;
  const BatchSink sink_;
  const BadPieceSink bad_;
  const base::Clock& clock_;
  std::vector<std::string> paths_;
  Admission admission_;
  Pressure pressure_;
  base::LogLimit wrong_path_log_;
};

std::uint64_t WebhookSource::Impl::charge(const http::Request& request) const {
  const std::uint64_t large = options_.window + options_.max_event + kReadBytes;
  if (request.content_length && !request.gzip) {
    return *request.content_length <= options_.whole_body
               ? *request.content_length
               : std::min(*request.content_length, large);
  }
  // The length is not known; what is not needed is given back once it is.
  return options_.whole_body;
}

asio::awaitable<http::Response> WebhookSource::Impl::handle(const http::Request& request,
                                                            http::BodyReader& body) {
  if (!may_be_batch(request.header("Content-Type"))) {
    co_return http::text_response(415, "a batch of audit events is application/json");
  }
  Admission::Share share = admission_.admit(charge(request));
  if (!share) {
    co_return pressure_.refuse();
  }
  Delivery delivery{request, body, share, clock_.now()};
  if (request.content_length && !request.gzip && *request.content_length > options_.whole_body) {
    co_return co_await take_large(delivery, {}, 0);
  }
  co_return co_await take_whole(delivery);
}

asio::awaitable<http::Response> WebhookSource::Impl::take_whole(Delivery& delivery) {
  Batch batch;
  const auto piece = co_await delivery.body.read_whole(
      batch.bytes, static_cast<std::size_t>(options_.whole_body), audit::kPadding);
  if (!piece) {
    if (piece.error().code == "bad_gzip") {
      const std::string_view head(batch.bytes.data(), std::min(batch.bytes.size(), kHeadBytes));
      report(delivery,
             {.bytes = head, .code = "not_json", .message = piece.error().message, .whole = true},
             batch.bytes.size());
    }
    // Otherwise the server answers by itself.
    co_return http::Response{};
  }
  if (piece->extent == http::BodyReader::Extent::kPrefix) {
    co_return co_await take_large(delivery, std::move(batch.bytes), piece->size);
  }
  delivery.share.shrink_to(piece->size);
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
    outcome = co_await hand_over(delivery, cutter.take());
  }
  if (outcome == BatchOutcome::kDone && large.broken) {
    report(delivery,
           {.bytes = large.head,
            .code = cutter.problem(),
            .message = "a large body is not a whole audit list",
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
      co_return BatchOutcome::kDone;
    }
    if (!read) {
      co_return std::nullopt;
    }
    if (*read == 0) {
      co_return BatchOutcome::kDone;
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
  co_return co_await hand_over(delivery, large.cutter.take());
}

asio::awaitable<BatchOutcome> WebhookSource::Impl::hand_over(Delivery& delivery, Batch batch) {
  batch.arrival = delivery.arrival;
  batch.source = kSource;
  batch.peer = delivery.request.peer;
  batch.request = delivery.request.number;
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
  return http::text_response(503, "the alerts of this batch could not be delivered");
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

void WebhookSource::add_routes(http::Router& router) {
  for (const std::string& path : impl_->paths()) {
    router.add("POST", path, [this](const http::Request& request, http::BodyReader& body) {
      return impl_->handle(request, body);
    });
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

}  // namespace tiercel::source
