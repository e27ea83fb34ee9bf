#include "channel.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <boost/asio/error.hpp>

namespace tiercel::http {

namespace asio = boost::asio;

namespace {
constexpr std::size_t kFirstBuffer = 8U << 10U;
}

Channel::Channel(std::unique_ptr<Transport> transport, std::shared_ptr<ConnectionSlot> slot,
                 std::size_t buffer_limit)
    : transport_(std::move(transport)), slot_(std::move(slot)), buffer_limit_(buffer_limit) {}

void Channel::arm(SteadyTime deadline) {
  deadline_ = deadline;
  timed_out_ = false;
}

Channel::Status Channel::outcome(const boost::system::error_code& error) {
  deadline_ = SteadyTime::max();
  if (cut_) {
    return Status::kClosed;
  }
  if (!error) {
    return Status::kOk;
  }
  if (error == asio::error::operation_aborted) {
    return timed_out_ ? Status::kTimeout : (let_go_ ? Status::kLetGo : Status::kClosed);
  }
  return error == asio::error::eof ? Status::kEnd : Status::kClosed;
}

asio::awaitable<Channel::Status> Channel::open(SteadyTime deadline, std::string& problem) {
  arm(deadline);
  const bool opened = co_await transport_->open(problem);
  using boost::system::error_code;
  co_return outcome(opened ? error_code() : error_code(asio::error::operation_aborted));
}

asio::awaitable<Channel::Status> Channel::fill(SteadyTime deadline) {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) {
    if (end_ >= buffer_limit_) {
      co_return Status::kFull;
    }
    buffer_.resize(std::min(buffer_limit_, std::max(kFirstBuffer, buffer_.size() * 2)));
  }
  arm(deadline);
  const auto read = co_await transport_->read_some(std::span(buffer_).subspan(end_));
  end_ += read.size;
  co_return read.size > 0 ? outcome({}) : outcome(read.error);
}

asio::awaitable<Channel::Read> Channel::read_into(std::span<char> room, SteadyTime deadline) {
  if (begin_ < end_) {
    const std::size_t size = std::min(room.size(), end_ - begin_);
    std::memcpy(room.data(), buffer_.data() + begin_, size);
    consume(size);
    co_return Read{Status::kOk, size};
  }
  arm(deadline);
  const auto read = co_await transport_->read_some(room);
  if (read.size > 0) {
    co_return Read{outcome({}), read.size};
  }
  co_return Read{outcome(read.error), 0};
}

asio::awaitable<Channel::Status> Channel::write(std::string_view head, std::string_view body,
                                                SteadyTime deadline) {
  arm(deadline);
  const boost::system::error_code error = co_await transport_->write(head, body);
  co_return outcome(error);
}

asio::awaitable<void> Channel::end_sending(SteadyTime deadline) {
  arm(deadline);
  co_await transport_->end_sending();
  deadline_ = SteadyTime::max();
}

void Channel::consume(std::size_t size) {
  begin_ += size;
  if (begin_ == end_) {
    begin_ = end_ = 0;
  }
}

void Channel::rest() {
  if (begin_ == end_ && buffer_.size() > kFirstBuffer) {
    buffer_ = {};
    begin_ = end_ = 0;
  }
}

void Channel::enter(Stage stage) {
  slot_->enter(stage, nanoseconds(std::chrono::steady_clock::now()));
}

void Channel::check(SteadyTime now) {
  // At each tick again: one operation of ours can be several waits of the transport.
  if (now >= deadline_) {
    timed_out_ = true;
    transport_->cancel();
  }
}

void Channel::let_go() {
  let_go_ = true;
  if (slot_->stage.load(std::memory_order_relaxed) == Stage::kIdle) {
    transport_->cancel();
  }
}

void Channel::cut() {
  cut_ = true;
  transport_->close();
}

void Channel::close() { transport_->close(); }

}  // namespace tiercel::http
