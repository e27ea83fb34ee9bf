// One connection's bytes through the whole of the server behind the socket: heads, framing,
// compression, keep-alive, limits. However they are cut into packets, the same requests are seen.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>

#include "connection.h"

namespace {

using namespace tiercel;
namespace asio = boost::asio;

constexpr std::size_t kMostSteps = 100'000;

void check(bool holds) {
  if (!holds) {
    std::abort();
  }
}

/// Hands out `bytes` by pieces of 1 to `longest` bytes, the first of `longest`, then their end, and
/// keeps what is written.
class Script final : public http::Transport {
 public:
  Script(std::string_view bytes, std::size_t longest, std::string& written)
      : bytes_(bytes), longest_(longest), next_(longest), written_(written) {}

  asio::awaitable<bool> open(std::string& /*problem*/) override { co_return true; }

  asio::awaitable<ReadResult> read_some(std::span<char> room) override {
    check(!room.empty());
    if (bytes_.empty() || closed_) {
      co_return ReadResult{asio::error::eof, 0};
    }
    const std::size_t size = std::min({room.size(), bytes_.size(), next_});
    next_ = 1 + next_ * 5 % longest_;
    std::copy_n(bytes_.begin(), size, room.begin());
    bytes_.remove_prefix(size);
    co_return ReadResult{{}, size};
  }

  asio::awaitable<boost::system::error_code> write(std::string_view head,
                                                   std::string_view body) override {
    written_.append(head).append(body);
    co_return boost::system::error_code();
  }

  asio::awaitable<void> end_sending() override { co_return; }
  void cancel() override {}
  void close() override { closed_ = true; }

 private:
  std::string_view bytes_;
  const std::size_t longest_;  // at least 1
  std::size_t next_;
  std::string& written_;
  bool closed_ = false;
};

/// What a handler was given, request by request. A body that was not well-formed to its end
/// shows as its error alone: how much of it came before depends on the packets.
using Seen = std::vector<std::string>;

asio::awaitable<http::Response> take(const http::Request& request, http::BodyReader& body,
                                     const http::Limits& limits, Seen& seen) {
  std::string line = request.method + ' ' + request.path + '?' + request.query;
  for (const auto& header : request.headers) {
    check(header.name.find_first_of("\r\n:") == std::string::npos);
    check(header.value.find_first_of("\r\n") == std::string::npos);
    line += '|' + header.name + ':' + header.value;
  }
  base::Bytes bytes;
  const auto read = co_await body.read_whole(bytes, limits.body_bytes, 64);
  if (read) {
    check(read->size <= limits.body_bytes && bytes.size() == read->size + 64);
    line.append("|body ").append(bytes.data(), read->size);
  } else {
    // Where what is packed and how it is framed are both broken, the packets say which shows first.
    line += "|failed " + (request.gzip ? std::string("gzip") : read.error().code);
  }
  seen.push_back(std::move(line));
  co_return http::text_response(read ? 200 : 400, "answered");
}

/// The status of each answer, those that say "go on" left out: whether they are asked for
/// depends on the packets. So does what shows first of a head that is both malformed and too long.
std::string statuses(std::string_view written) {
  constexpr std::string_view kLine = "HTTP/1.1 ";
  std::string out;
  for (auto at = written.find(kLine); at != std::string_view::npos;
       at = written.find(kLine, at + 1)) {
    const std::string_view status = written.substr(at + kLine.size(), 3);
    if (status != "100") {
      out.append(status == "431" ? "400" : status).append(" ");
    }
  }
  return out;
}

struct Outcome {
  Seen seen;
  std::string statuses;
  bool operator==(const Outcome&) const = default;
};

Outcome serve(std::string_view bytes, std::size_t longest) {
  Outcome out;
  std::string written;
  http::ServerOptions options;
  options.limits.header_bytes = 2048;
  options.limits.body_bytes = 4096;
  options.limits.drain_bytes = 1024;
  options.limits.keep_alive_drain_bytes = 512;
  http::Router router;
  router.add("POST", "/k8s_audit", [&](const http::Request& request, http::BodyReader& body) {
    return take(request, body, options.limits, out.seen);
  });
  router.add_get("/healthz", [](const http::Request&) { return http::text_response(200, "ok"); });
  base::Metrics metrics;
  http::ConnectionTable table(1, 1);
  http::Service service(options, router, metrics, table);
  http::Connection connection(service, std::make_unique<Script>(bytes, longest, written),
                              table.add("fuzz", 0, 0).slot);
  asio::io_context context;
  bool ended = false;
  asio::co_spawn(context, connection.run(), [&](const std::exception_ptr& thrown) {
    check(thrown == nullptr);
    ended = true;
  });
  for (std::size_t step = 0; step < kMostSteps && context.poll_one() > 0; ++step) {
  }
  check(ended);
  out.statuses = statuses(written);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) {
    return 0;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t longest = std::size_t{1} + data[0] % 64;
  check(serve(bytes, size) == serve(bytes, longest));
  return 0;
}
