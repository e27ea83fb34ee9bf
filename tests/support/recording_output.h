#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tiercel/output/output.h"

namespace tiercel::support {

/// What a scripted output was given, and what it is to answer. Outlives the output.
///
/// Runs on: any thread.
class Peer {
 public:
  using Answer = std::function<output::Delivery(std::span<const output::Message>)>;

  /// Answers the deliveries that follow, one each; afterwards everything is taken.
  void answer(Answer answer) {
    const std::lock_guard lock(mutex_);
    answers_.push_back(std::move(answer));
  }
  void fail(int times, std::optional<std::chrono::milliseconds> retry_after = std::nullopt) {
    for (int at = 0; at < times; ++at) {
      answer([retry_after](auto messages) {
        return output::Delivery::again_from(0, messages.size(), refused(), retry_after);
      });
    }
  }
  /// Nothing is taken while this is set.
  void set_down(bool is_down) {
    const std::lock_guard lock(mutex_);
    is_down_ = is_down;
  }
  /// deliver() does not return until it is interrupted, or ever.
  enum class Block : std::uint8_t { kNo, kUntilInterrupted, kForEver };
  void block(Block block) {
    const std::lock_guard lock(mutex_);
    block_ = block;
  }
  void fail_open() {
    const std::lock_guard lock(mutex_);
    is_open_refused_ = true;
  }
  /// Counts alone, for millions of alerts.
  void forget_lines() {
    const std::lock_guard lock(mutex_);
    keeps_lines_ = false;
  }

  /// How many messages each delivery had.
  [[nodiscard]] std::vector<std::size_t> deliveries() const {
    const std::lock_guard lock(mutex_);
    return deliveries_;
  }
  /// Lines in the order in which they were taken.
  [[nodiscard]] std::vector<std::string> taken() const {
    const std::lock_guard lock(mutex_);
    return taken_;
  }
  [[nodiscard]] std::uint64_t taken_count() const {
    const std::lock_guard lock(mutex_);
    return taken_count_;
  }
  /// Lines of the last delivery, taken or not.
  [[nodiscard]] std::vector<std::string> last() const {
    const std::lock_guard lock(mutex_);
    return last_;
  }
  [[nodiscard]] int reopened() const {
    const std::lock_guard lock(mutex_);
    return reopened_;
  }
  [[nodiscard]] int ticks() const {
    const std::lock_guard lock(mutex_);
    return ticks_;
  }
  [[nodiscard]] bool is_blocking() const {
    const std::lock_guard lock(mutex_);
    return is_blocking_;
  }

  static base::Error refused() { return {"refused", "connection refused", "10.0.0.1:443"}; }

  [[nodiscard]] std::unique_ptr<output::Output> output() {
    return std::make_unique<RecordingOutput>(*this);
  }

 private:
  class RecordingOutput final : public output::Output {
   public:
    explicit RecordingOutput(Peer& peer) : peer_(peer) {}
    base::Result<void> open() override { return peer_.open(); }
    output::Delivery deliver(std::span<const output::Message> messages) override {
      return peer_.deliver(messages);
    }
    void reopen() override {
      const std::lock_guard lock(peer_.mutex_);
      ++peer_.reopened_;
    }
    void tick() override {
      const std::lock_guard lock(peer_.mutex_);
      ++peer_.ticks_;
    }
    void interrupt() override { peer_.interrupt(); }

   private:
    Peer& peer_;
  };

  base::Result<void> open() {
    const std::lock_guard lock(mutex_);
    if (is_open_refused_) {
      return base::Error{"bad_address", "no address", "nowhere"};
    }
    return {};
  }

  output::Delivery deliver(std::span<const output::Message> messages) {
    Answer answer;
    {
      std::unique_lock lock(mutex_);
      deliveries_.push_back(messages.size());
      if (block_ != Block::kNo) {
        return wait_blocked(lock, messages.size());
      }
      if (!answers_.empty()) {
        answer = std::move(answers_.front());
        answers_.pop_front();
      } else if (is_down_) {
        return output::Delivery::again_from(0, messages.size(), refused());
      }
    }
    output::Delivery delivery = answer ? answer(messages) : output::Delivery::delivered("200 OK");
    record(messages, delivery);
    return delivery;
  }

  output::Delivery wait_blocked(std::unique_lock<std::mutex>& lock, std::size_t count) {
    is_blocking_ = true;
    changed_.wait(lock, [&] { return block_ == Block::kUntilInterrupted && is_interrupted_; });
    is_blocking_ = false;
    return output::Delivery::again_from(0, count, {"interrupted", "interrupted", {}});
  }

  void interrupt() {
    {
      const std::lock_guard lock(mutex_);
      is_interrupted_ = true;
    }
    changed_.notify_all();
  }

  void record(std::span<const output::Message> messages, const output::Delivery& delivery) {
    std::vector<bool> is_taken(messages.size(), true);
    for (const std::size_t at : delivery.again) {
      is_taken[at] = false;
    }
    for (const auto& one : delivery.rejected) {
      is_taken[one.message] = false;
    }
    const std::lock_guard lock(mutex_);
    last_.clear();
    for (std::size_t at = 0; at < messages.size(); ++at) {
      taken_count_ += is_taken[at] ? 1U : 0U;
      if (keeps_lines_) {
        last_.emplace_back(messages[at].line);
        if (is_taken[at]) {
          taken_.emplace_back(messages[at].line);
        }
      }
    }
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Answer> answers_;
  std::vector<std::size_t> deliveries_;
  std::vector<std::string> taken_;
  std::vector<std::string> last_;
  std::uint64_t taken_count_ = 0;
  bool is_down_ = false;
  bool keeps_lines_ = true;
  bool is_open_refused_ = false;
  Block block_ = Block::kNo;
  bool is_blocking_ = false;
  bool is_interrupted_ = false;
  int reopened_ = 0;
  int ticks_ = 0;
};

}  // namespace tiercel::support
