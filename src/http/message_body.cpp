#include "message_body.h"

#include <algorithm>
#include <string>

namespace tiercel::http {

namespace asio = boost::asio;
using std::chrono::steady_clock;

asio::awaitable<base::Result<BodyReader::Piece>> BodyReader::read_whole(
    base::Bytes& into, std::size_t limit, std::size_t padding,
    const std::function<bool(std::size_t)>* may_hold) {
  constexpr std::size_t kStep = 256U << 10U;
  constexpr std::size_t kFirst = 16U << 10U;
  const auto known = static_cast<std::size_t>(std::min<std::uint64_t>(expected(), limit));
  into.clear();
  into.reserve(known + 1 + padding);
  std::size_t size = 0;
  // One byte beyond the limit tells a body that ends there from one that goes on.
  while (size <= limit) {
    if (size == into.size()) {
      // Within the reserved room where the length is known, so that nothing is copied and
      // pages are touched only when bytes arrive; doubling where it is not.
      const std::size_t step = known > 0 ? kStep : std::max(kFirst, size);
      const std::size_t next = std::min(size + step, (known > 0 ? known : limit) + 1);
      into.reserve(next + padding);
      into.resize(next);
    }
    const auto read = co_await read_some(std::span(into).subspan(size));
    if (!read) {
      into.resize(size);
      co_return read.error();
    }
    if (*read == 0) {
      break;
    }
    size += *read;
    if (may_hold != nullptr && !(*may_hold)(size)) {
      co_return base::Error{
          .code = "no_room", .message = "there is no room for the body", .context = {}};
    }
  }
  into.resize(size);
  into.resize(size + padding, '\0');
  co_return Piece{size, size > limit ? Extent::kPrefix : Extent::kWhole};
}

MessageBody::MessageBody(Channel& channel, const HeadParser& parser, const Request& request,
                         const Limits& limits)
    : channel_(channel),
      limits_(limits),
      length_(request.content_length),
      left_(length_.value_or(0)),
      continue_(parser.expects_continue()),
      finished_(length_ && *length_ == 0),
      patience_(limits.rate_grace) {
  if (request.gzip && !finished_) {
    packed_ = std::make_unique<Packed>();
  }
}

std::uint64_t MessageBody::expected() const { return length_ && !packed_ ? left_ : 0; }

base::Error MessageBody::fail(const char* code, const char* message) {
  failure_ = base::Error{.code = code, .message = message, .context = {}};
  return *failure_;
}

base::Error MessageBody::fail(Channel::Status status) {
  switch (status) {
    case Channel::Status::kTimeout:
      return fail("timeout", "the body came too slowly");
    case Channel::Status::kEnd:
      return fail("truncated", "the body ended before its announced end");
    case Channel::Status::kFull:
    case Channel::Status::kOk:
    case Channel::Status::kLetGo:
    case Channel::Status::kClosed:
      break;
  }
  return fail("closed", "the connection was closed within the body");
}

SteadyTime MessageBody::deadline(SteadyTime now) const {
  if (draining_) {
    return drain_until_;
  }
  std::chrono::nanoseconds left = limits_.body_timeout - waited_;
  if (limits_.minimum_rate != 0) {
    left = std::min(left, patience_);
  }
  return now + std::chrono::duration_cast<steady_clock::duration>(left);
}

void MessageBody::account(SteadyTime began, std::size_t size) {
  const std::chrono::nanoseconds waited = steady_clock::now() - began;
  waited_ += waited;
  patience_ -= waited;
  received_ += size;
  if (limits_.minimum_rate != 0) {
    // Each byte earns its share of a second, but nobody saves up more than the grace: a body that
    // came fast until it filled our memory may not rest on that.
    const std::chrono::nanoseconds earned{std::uint64_t{size} * 1'000'000'000 /
                                          limits_.minimum_rate};
    patience_ = std::min<std::chrono::nanoseconds>(limits_.rate_grace, patience_ + earned);
  }
  channel_.slot().bytes.store(received_, std::memory_order_relaxed);
}

asio::awaitable<Channel::Status> MessageBody::say_continue() {
  continue_ = false;
  if (!channel_.buffered().empty()) {
    co_return Channel::Status::kOk;  // it did not wait
  }
  co_return co_await channel_.write("HTTP/1.1 100 Continue\r\n\r\n", {},
                                    steady_clock::now() + limits_.write_timeout);
}

asio::awaitable<base::Result<std::size_t>> MessageBody::read_wire(std::span<char> room) {
  if (failure_) {
    co_return *failure_;
  }
  if (finished_ || room.empty()) {
    co_return std::size_t{0};
  }
  auto read = co_await read_framed(room);
  if (finished_ && !draining_) {
    // From here on it is not the peer that is slow.
    channel_.enter(Stage::kAnswering);
  }
  co_return read;
}

asio::awaitable<base::Result<std::size_t>> MessageBody::read_framed(std::span<char> room) {
  if (continue_ && !draining_) {
    if (const auto status = co_await say_continue(); status != Channel::Status::kOk) {
      co_return fail(status);
    }
  }
  if (!length_) {
    co_return co_await read_chunked(room);
  }
  const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), left_));
  const SteadyTime began = steady_clock::now();
  const auto read = co_await channel_.read_into(room.first(most), deadline(began));
  if (read.status != Channel::Status::kOk) {
    co_return fail(read.status);
  }
  account(began, read.size);
  left_ -= read.size;
  finished_ = left_ == 0;
  co_return read.size;
}

asio::awaitable<base::Result<std::size_t>> MessageBody::read_chunked(std::span<char> room) {
  while (true) {
    const auto step = chunks_.run(channel_.buffered(), room);
    channel_.consume(step.consumed);
    if (step.status == ChunkDecoder::Status::kMalformed) {
      co_return fail("malformed", "the chunked body is malformed");
    }
    finished_ = step.status == ChunkDecoder::Status::kEnd;
    if (finished_ || step.produced > 0) {
      co_return step.produced;
    }
    const SteadyTime began = steady_clock::now();
    const std::size_t before = channel_.buffered().size();
    const auto filled = co_await channel_.fill(deadline(began));
    if (filled != Channel::Status::kOk) {
      co_return fail(filled);
    }
    account(began, channel_.buffered().size() - before);
  }
}

asio::awaitable<base::Result<std::size_t>> MessageBody::read_packed(std::span<char> room) {
  Packed& packed = *packed_;
  while (true) {
    if (packed.begin < packed.end) {
      const auto step = packed.inflater.run(
          {packed.bytes.data() + packed.begin, packed.end - packed.begin}, room);
      packed.begin += step.consumed;
      if (step.produced > 0) {
        co_return step.produced;
      }
      if (step.broken) {
        co_return base::Error{
            .code = "bad_gzip", .message = "the body is not valid gzip", .context = {}};
      }
    } else if (const auto rest = packed.inflater.run({}, room); rest.produced > 0) {
      co_return rest.produced;  // what zlib still held when the room was full
    }
    if (packed.begin < packed.end) {
      continue;
    }
    if (packed.wire_ended) {
      if (packed.inflater.may_end()) {
        co_return std::size_t{0};
      }
      co_return base::Error{
          .code = "bad_gzip", .message = "the gzip body is cut short", .context = {}};
    }
    const auto read = co_await read_wire(packed.bytes);
    if (!read) {
      co_return read.error();
    }
    packed.begin = 0;
    packed.end = *read;
    packed.wire_ended = finished_;
  }
}

asio::awaitable<base::Result<std::size_t>> MessageBody::read_some(std::span<char> room) {
  // Not `?:` around the two: GCC 12 copies the bytes of what it awaits there.
  if (packed_) {
    co_return counted(co_await read_packed(room));
  }
  co_return counted(co_await read_wire(room));
}

base::Result<std::size_t> MessageBody::counted(base::Result<std::size_t> read) {
  if (read) {
    decoded_ += *read;
    if (decoded_ > limits_.body_bytes) {
      return fail("too_large", "the body is larger than the limit");
    }
  }
  return read;
}

bool MessageBody::short_rest(std::uint64_t bytes) const {
  return finished_ || (length_ && !continue_ && left_ <= bytes);
}

asio::awaitable<MessageBody::Drained> MessageBody::drain(std::uint64_t bytes,
                                                         std::chrono::milliseconds time) {
  draining_ = true;
  drain_until_ = steady_clock::now() + time;
  failure_.reset();
  std::vector<char> room(64U << 10U);
  std::uint64_t drained = 0;
  while (!finished_) {
    const auto read = co_await read_wire(room);
    if (!read) {
      co_return read.error().code == "timeout" ? Drained::kTooSlow : Drained::kBroken;
    }
    drained += *read;
    if (drained > bytes) {
      co_return Drained::kTooLong;
    }
    if (!finished_ && steady_clock::now() >= drain_until_) {
      co_return Drained::kTooSlow;
    }
  }
  co_return Drained::kWhole;
}

}  // namespace tiercel::http
