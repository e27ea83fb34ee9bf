#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tiercel::support {

/// A request as the peer of an output received it; the body unpacked where it was gzip or zstd.
struct PeerRequest {
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body;
  std::uint64_t connection = 0;  ///< number of the connection, from 1

  /// Of the first header of this name, in any case; empty where there is none.
  [[nodiscard]] std::string header(std::string_view name) const;
};

/// What the peer does with a request.
struct PeerAnswer {
  int status = 200;
  std::string body = "ok";
  std::vector<std::pair<std::string, std::string>> headers{};
  std::chrono::milliseconds delay{0};
  bool reset = false;    ///< breaks the connection off instead
  bool hang = false;     ///< never answers
  bool cut = false;      ///< closes half way through the answer
  bool endless = false;  ///< sends the body again and again, until the client has enough
};

struct PeerOptions {
  std::string certificate{};  ///< PEM text; empty: plain HTTP
  std::string key{};
  std::string client_ca{};  ///< PEM text; clients must have a certificate of it
  bool listens = true;      ///< false: connections are refused until listen()
};

/// An HTTP server on a port of the loopback whose answers a test chooses: what stands at the
/// other end of an output. A proxy too: CONNECT to a port of the loopback makes a tunnel.
class PeerServer {
 public:
  explicit PeerServer(PeerOptions options = {});
  ~PeerServer();
  PeerServer(const PeerServer&) = delete;
  PeerServer& operator=(const PeerServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::string url(std::string_view path = "/") const;
  /// What was down is up.
  void listen();
  /// Called on the connections' threads.
  void answer_with(std::function<PeerAnswer(const PeerRequest&)> answer);
  [[nodiscard]] std::vector<PeerRequest> requests() const;
  /// Requests are kept for requests() and wait_for() unless told otherwise.
  void keep_requests(bool keep);
  /// Until so many requests have come. False where they do not in time.
  [[nodiscard]] bool wait_for(std::size_t count,
                              std::chrono::milliseconds deadline = std::chrono::seconds(30)) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tiercel::support
