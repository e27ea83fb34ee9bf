#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace tiercel::base {

/// Lets one log line through per period, whoever floods us, and counts those that are held back.
/// Times are steady nanoseconds. Runs on: any thread.
class LogLimit {
 public:
  explicit LogLimit(std::chrono::seconds period = std::chrono::seconds{60}) : period_(period) {}

  /// False: the line is held back, and counted as that.
  [[nodiscard]] bool lets_through(std::int64_t now);
  [[nodiscard]] bool lets_through() { return lets_through(steady()); }
  /// Whether lets_through() would let a line through.
  [[nodiscard]] bool is_due(std::int64_t now) const {
    return now >= next_.load(std::memory_order_relaxed);
  }
  /// Counts a line that was not even tried.
  void hold_back() { held_back_.fetch_add(1, std::memory_order_relaxed); }
  /// Those held back since this was asked last.
  [[nodiscard]] std::uint64_t take_held_back() {
    return held_back_.exchange(0, std::memory_order_relaxed);
  }
  /// The next line is the first one.
  void reset();

  /// The line as a warning, with how many like it were held back before.
  void warn(std::string_view text, std::int64_t now);
  /// The same for one that lets_through() let through, so that its text is made only then.
  void say(std::string line);
  void warn(std::string_view text) { warn(text, steady()); }

 private:
  [[nodiscard]] static std::int64_t steady();

  const std::chrono::nanoseconds period_;
  std::atomic<std::int64_t> next_{0};  // steady
  std::atomic<std::uint64_t> held_back_{0};
};

}  // namespace tiercel::base
