#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/base/error.h"

namespace tiercel::output {

struct NatsPeer {
  std::vector<std::string> servers{"nats://127.0.0.1:4222"};
  std::string client_name = "tiercel";
  std::string username;
  std::string password;
  std::string password_file;
  std::string token;
  std::string token_file;
  std::string credentials_file;
  bool tls = false;
  bool insecure = false;
  std::string ca_file;
  std::string client_cert;
  std::string client_key;
  std::string server_name;  ///< what the certificate must name; empty: the URL's host
  std::chrono::milliseconds connect_timeout{2'000};  ///< for one server
  /// A write that moves nothing for so long: the server does not read any more.
  std::chrono::milliseconds write_timeout{2'000};
};

/// One connection to one of several NATS servers, over which messages are published with a
/// request for an answer each. It is never mended behind the caller's back: lost, it is closed,
/// and connect() makes a new one.
///
/// Runs on: one thread, but for interrupt().
class NatsLink {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  struct Request {
    std::string_view subject;
    std::string_view message_id;
    std::string_view stream;  ///< that must take it; empty: any
    std::string_view data;
    std::uint64_t number = 0;  ///< told again by its answer
  };
  struct Answer {
    std::uint64_t number = 0;
    bool nobody = false;  ///< no stream takes the subject
    std::string text;     ///< JetStream's, JSON
  };

  explicit NatsLink(NatsPeer peer);
  ~NatsLink();
  NatsLink(const NatsLink&) = delete;
  NatsLink& operator=(const NatsLink&) = delete;

  /// Files, URLs and what contradicts itself: what can be wrong before a server is asked.
  [[nodiscard]] base::Result<void> check() const;
  /// Connects where it is not, trying one server after the other.
  [[nodiscard]] base::Result<void> connect(Deadline deadline);
  /// Codes: message_too_long where the server takes no such message, else the link is lost.
  [[nodiscard]] base::Result<void> publish(const Request& request);
  /// The next answer, or nothing at the deadline. An error: the connection is lost, or the
  /// server has said that it forbids something, or interrupt() was called.
  [[nodiscard]] base::Result<std::optional<Answer>> next_answer(Deadline deadline);
  /// The text of an API request's answer; nothing where JetStream does not answer.
  [[nodiscard]] std::optional<std::string> ask(const std::string& subject);
  void close();
  /// Ends waiting calls soon, and later ones at once. Any thread.
  void interrupt();
  /// "nats://host:port" of the present connection, without credentials.
  [[nodiscard]] std::string server() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tiercel::output
