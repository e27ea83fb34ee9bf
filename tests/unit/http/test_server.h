#pragma once

#include <chrono>
#include <functional>
#include <future>
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

#include "http_client.h"

namespace tiercel::http {

using base::Metric;
using std::chrono::milliseconds;
using support::get;
using support::HttpAnswer;
using support::HttpClient;
using support::post;

/// Waits until the condition holds; false after ten seconds.
inline bool eventually(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) {
      return false;
    }
    std::this_thread::sleep_for(milliseconds{2});
  }
  return true;
}

/// A server on 127.0.0.1, port chosen by the system, with a few handlers:
/// POST /echo (the body, up to 4 MiB), POST /early (answers without reading the body),
/// POST /count (the number of bytes of the body, read by pieces), GET /healthz,
/// POST /gate (waits until the gate opens), GET /large (more than sockets hold),
/// GET /busy (keeps its thread for 120 ms).
class TestServer {
 public:
  explicit TestServer(const Limits& limits = {}, const TlsOptions& tls = {},
                      std::uint32_t threads = 1)
      : server_(options(limits, tls, threads,
                        [this](std::string_view reason) {
                          const std::lock_guard lock(refusals_mutex_);
                          refusals_.emplace_back(reason);
                        }),
                router(), metrics) {
    const auto started = server_.start();
    EXPECT_TRUE(started) << (started ? "" : started.error().text());
  }

  [[nodiscard]] std::uint16_t port() const { return server_.ports().at(0); }
  [[nodiscard]] HttpClient client() const { return HttpClient(port()); }
  Server& server() { return server_; }
  [[nodiscard]] std::uint64_t count(Metric metric) const { return metrics.value(metric); }
  /// Why peers were refused in their handshake.
  [[nodiscard]] std::vector<std::string> refusals() const {
    const std::lock_guard lock(refusals_mutex_);
    return refusals_;
  }

  /// Of the answer to GET /large.
  static constexpr std::size_t kLarge = 32U << 20U;

  base::Metrics metrics;
  std::atomic<bool> gate_open{false};
  std::atomic<int> at_gate{0};
  std::atomic<int> unknown_paths{0};

 private:
  static ServerOptions options(const Limits& limits, const TlsOptions& tls, std::uint32_t threads,
                               std::function<void(std::string_view)> on_refusal) {
    ServerOptions options;
    options.name = "test";
    options.addresses = {{"127.0.0.1", 0}};
    options.threads = threads;
    options.limits = limits;
    options.tls = tls;
    options.on_refused_peer = [on_refusal = std::move(on_refusal)](const std::string& /*peer*/,
                                                                   std::string_view reason) {
      on_refusal(reason);
    };
    return options;
  }

  boost::asio::awaitable<Response> wait_at_gate() {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    ++at_gate;
    while (!gate_open.load()) {
      timer.expires_after(milliseconds{2});
      co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    co_return text_response(200, "through");
  }

  static boost::asio::awaitable<Response> echo(BodyReader& body) {
    constexpr std::size_t kMost = 4U << 20U;
    base::Bytes bytes;
    const auto piece = co_await body.read_whole(bytes, kMost, 64);
    if (!piece) {
      co_return text_response(200, "error: " + piece.error().code);
    }
    if (bytes.size() != piece->size + 64 || bytes.back() != '\0') {
      co_return text_response(500, "no padding");
    }
    Response response;
    response.body.assign(bytes.data(), piece->size);
    response.body += piece->extent == BodyReader::Extent::kWhole ? "" : "...";
    co_return response;
  }

  static boost::asio::awaitable<Response> count_bytes(BodyReader& body) {
    std::vector<char> room(1000);
    std::uint64_t total = 0;
    while (true) {
      const auto read = co_await body.read_some(room);
      if (!read || *read == 0) {
        co_return text_response(200, std::to_string(total));
      }
      total += *read;
    }
  }

  Router router() {
    Router router;
    router.add("POST", "/echo", [](const Request&, BodyReader& body) { return echo(body); });
    router.add("POST", "/count",
               [](const Request&, BodyReader& body) { return count_bytes(body); });
    router.add("POST", "/early",
               [](const Request&, BodyReader&) -> boost::asio::awaitable<Response> {
                 co_return text_response(429, "busy");
               });
    router.add("POST", "/gate", [this](const Request&, BodyReader&) { return wait_at_gate(); });
    router.add_get("/healthz", [](const Request&) {
      return Response{
          .content_type = "application/json", .body = "{\"status\": \"ok\"}", .headers = {}};
    });
    router.add_get("/large",
                   [](const Request&) { return text_response(200, std::string(kLarge, 'x')); });
    router.add_get("/busy", [](const Request&) {
      std::this_thread::sleep_for(milliseconds{120});
      return text_response(200, "");
    });
    router.add_get("/names", [](const Request& request) {
      std::string names;
      for (const std::string& name : request.peer_names) {
        names += name + " ";
      }
      return text_response(200, names);
    });
    router.on_unknown_path([this](const Request&) { ++unknown_paths; });
    return router;
  }

  mutable std::mutex refusals_mutex_;
  std::vector<std::string> refusals_;
  Server server_;
};

}  // namespace tiercel::http
