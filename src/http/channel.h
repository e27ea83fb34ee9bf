#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "connection_table.h"
#include "transport.h"

namespace tiercel::http {

using SteadyTime = std::chrono::steady_clock::time_point;

[[nodiscard]] inline std::int64_t nanoseconds(SteadyTime time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

/// A transport with a buffer of bytes read ahead and a deadline for each operation. The
/// io thread's tick calls `check`; that, `let_go` and `cut` are the only ways in from outside.
///
/// Runs on: io thread of the connection.
class Channel {
 public:
  Channel(std::unique_ptr<Transport> transport, std::shared_ptr<ConnectionSlot> slot,
          std::size_t buffer_limit);

  enum class Status : std::uint8_t {
    kOk,
    kEnd,      ///< the peer sends no more
    kFull,     ///< the buffer holds as much as it may
    kTimeout,  ///< the deadline passed; the channel can still be used
    kLetGo,    ///< let_go() was called while waiting
    kClosed,   ///< reset, or cut
  };
  struct Read {
    Status status = Status::kOk;
    std::size_t size = 0;
  };

  boost::asio::awaitable<Status> open(SteadyTime deadline, std::string& problem);
  /// After open().
  [[nodiscard]] PeerCertificate peer_certificate() const { return transport_->peer_certificate(); }
  /// After an open() that failed: for want of a good certificate.
  [[nodiscard]] bool has_refused_peer() const { return transport_->has_refused_peer(); }
  /// Reads more into the buffer.
  boost::asio::awaitable<Status> fill(SteadyTime deadline);
  /// Bytes of the buffer first, then straight from the socket into `room`.
  boost::asio::awaitable<Read> read_into(std::span<char> room, SteadyTime deadline);
  boost::asio::awaitable<Status> write(std::string_view head, std::string_view body,
                                       SteadyTime deadline);
  boost::asio::awaitable<void> end_sending(SteadyTime deadline);

  [[nodiscard]] std::string_view buffered() const {
    return {buffer_.data() + begin_, end_ - begin_};
  }
  void consume(std::size_t size);
  /// Gives the buffer's memory back while nothing is expected.
  void rest();

  void enter(Stage stage);
  [[nodiscard]] ConnectionSlot& slot() { return *slot_; }

  /// From the tick: ends the operation in hand when its time is over.
  void check(SteadyTime now);
  /// Wakes a connection that waits for its next request.
  void let_go();
  /// Closes at once, whatever is in hand.
  void cut();
  [[nodiscard]] bool was_cut() const { return cut_; }
  void close();

 private:
  void arm(SteadyTime deadline);
  [[nodiscard]] Status outcome(const boost::system::error_code& error);

  std::unique_ptr<Transport> transport_;
  std::shared_ptr<ConnectionSlot> slot_;
  const std::size_t buffer_limit_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  SteadyTime deadline_ = SteadyTime::max();
  bool timed_out_ = false;
  bool let_go_ = false;
  bool cut_ = false;
};

}  // namespace tiercel::http
