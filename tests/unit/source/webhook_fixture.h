#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include "tiercel/http/server.h"
#include "tiercel/source/webhook_source.h"

#include "fake_clock.h"
#include "http_client.h"

namespace tiercel::source {

using support::get;
using support::HttpAnswer;
using support::HttpClient;
using support::post;

/// A webhook on 127.0.0.1 whose sink writes down what it gets, in order, as text:
/// "body <bytes>" or "items <bytes>"; bad pieces as "bad <code> [whole] <size>".
class Webhook {
 public:
  explicit Webhook(WebhookOptions options = {}, const http::Limits& limits = {})
      : source_(
            std::move(options), [this](Batch batch) { return take(std::move(batch)); },
            [this](const BadPiece& piece) { take_bad(piece); }, clock),
        server_(server_options(limits), routes(), metrics) {
    const auto started = server_.start();
    EXPECT_TRUE(started) << (started ? "" : started.error().text());
  }

  [[nodiscard]] HttpClient client() const { return HttpClient(server_.ports().at(0)); }
  [[nodiscard]] std::vector<std::string> log() const {
    const std::lock_guard lock(mutex_);
    return log_;
  }
  [[nodiscard]] std::string joined() const {
    std::string out;
    for (const std::string& line : log()) {
      out += line + ";";
    }
    return out;
  }
  WebhookSource& source() { return source_; }

  HandClock clock;
  base::Metrics metrics;
  std::atomic<BatchOutcome> outcome{BatchOutcome::kDone};
  std::atomic<bool> hold{false};
  std::atomic<int> held{0};
  /// Filled by the last batch.
  Batch last;
  /// A letter a batch: a whole body, a window of one, its last window.
  std::string extents;

 private:
  boost::asio::awaitable<BatchOutcome> take(Batch batch) {
    EXPECT_EQ(batch.bytes.size(), batch.size + audit::kPadding);
    {
      const std::lock_guard lock(mutex_);
      log_.push_back((batch.form == audit::BatchForm::kItems ? "items " : "body ") +
                     std::string(batch.view()));
      extents += batch.windows == nullptr ? 'b' : batch.windows->is_last ? 'l' : 'w';
      last = std::move(batch);
    }
    if (hold.load()) {
      ++held;
    }
    while (hold.load()) {
      boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
      timer.expires_after(std::chrono::milliseconds{2});
      co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    co_return outcome.load();
  }

  void take_bad(const BadPiece& piece) {
    const std::lock_guard lock(mutex_);
    log_.push_back("bad " + std::string(piece.input.code) + (piece.input.whole ? " whole " : " ") +
                   std::to_string(piece.size) + " " + std::string(piece.input.bytes.substr(0, 8)));
  }

  static http::ServerOptions server_options(const http::Limits& limits) {
    http::ServerOptions options;
    options.addresses = {{"127.0.0.1", 0}};
    options.limits = limits;
    return options;
  }
  http::Router routes() {
    http::Router router;
    source_.add_routes(router);
    return router;
  }

  mutable std::mutex mutex_;
  std::vector<std::string> log_;
  WebhookSource source_;
  http::Server server_;
};

}  // namespace tiercel::source
