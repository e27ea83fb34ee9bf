#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "tiercel/http/body_reader.h"
#include "tiercel/http/options.h"

#include "channel.h"
#include "chunk_decoder.h"
#include "head_parser.h"
#include "inflater.h"

namespace tiercel::http {

/// The body of one request on a channel: framing, decompression, limits, times.
///
/// Runs on: io thread of the connection.
class MessageBody final : public BodyReader {
 public:
  MessageBody(Channel& channel, const HeadParser& parser, const Request& request,
              const Limits& limits);

  boost::asio::awaitable<base::Result<std::size_t>> read_some(std::span<char> room) override;

  /// True when the last byte of the body was read off the wire.
  [[nodiscard]] bool finished() const { return finished_; }
  /// What went wrong with the message itself; the answer is then ours, not the handler's.
  [[nodiscard]] const std::optional<base::Error>& failure() const { return failure_; }
  /// True when the body can be skipped for less than `bytes`, and the client was not
  /// promised that it need not send it.
  [[nodiscard]] bool short_rest(std::uint64_t bytes) const;
  enum class Drained : std::uint8_t {
    kWhole,    ///< the body's end was reached
    kTooLong,  ///< it is longer than what may be drained
    kTooSlow,
    kBroken,  ///< its sender ended it, or it is malformed
  };
  /// Reads the rest and throws it away.
  boost::asio::awaitable<Drained> drain(std::uint64_t bytes, std::chrono::milliseconds time);

 private:
  [[nodiscard]] std::uint64_t expected() const override;
  boost::asio::awaitable<base::Result<std::size_t>> read_wire(std::span<char> room);
  boost::asio::awaitable<base::Result<std::size_t>> read_framed(std::span<char> room);
  boost::asio::awaitable<base::Result<std::size_t>> read_chunked(std::span<char> room);
  boost::asio::awaitable<base::Result<std::size_t>> read_packed(std::span<char> room);
  base::Result<std::size_t> counted(base::Result<std::size_t> read);
  boost::asio::awaitable<Channel::Status> say_continue();
  [[nodiscard]] SteadyTime deadline(SteadyTime now) const;
  void account(SteadyTime began, std::size_t size);
  base::Error fail(const char* code, const char* message);
  base::Error fail(Channel::Status status);

  Channel& channel_;
  const Limits& limits_;
  ChunkDecoder chunks_;
  const std::optional<std::uint64_t> length_;
  std::uint64_t left_;  ///< on the wire, where the length is known
  bool continue_;       ///< the client waits for "100 Continue"
  bool finished_;
  bool draining_ = false;
  SteadyTime drain_until_;
  std::optional<base::Error> failure_;
  std::uint64_t received_ = 0;  ///< bytes on the wire
  std::uint64_t decoded_ = 0;   ///< bytes handed out
  std::chrono::nanoseconds waited_{0};
  std::chrono::nanoseconds patience_;  ///< for how long it may yet be too slow

  struct Packed {
    Inflater inflater;
    std::array<char, 32U << 10U> bytes;
    std::size_t begin = 0;
    std::size_t end = 0;
    bool wire_ended = false;
  };
  std::unique_ptr<Packed> packed_;
};

}  // namespace tiercel::http
