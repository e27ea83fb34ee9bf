#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

namespace tiercel::audit {

/// How far local time is ahead of UTC, now. Falco writes every local time with the
/// offset that is valid while it writes, not with the one valid at the event's time
/// (a July event printed in December shows winter time); so one number serves all
/// events, and it is asked for at most once a second.
///
/// Runs on: any thread; a copy starts with the same answer.
class LocalZone {
 public:
  /// The zone of the process (TZ, /etc/localtime).
  LocalZone() = default;
  /// A fixed offset east of UTC, for tests.
  explicit LocalZone(std::chrono::seconds east) : fixed_(east.count()) {}
  LocalZone(const LocalZone& other)
      : fixed_(other.fixed_), cached_(other.cached_.load(std::memory_order_relaxed)) {}
  LocalZone& operator=(const LocalZone& other) {
    fixed_ = other.fixed_;
    cached_.store(other.cached_.load(std::memory_order_relaxed), std::memory_order_relaxed);
    return *this;
  }
  ~LocalZone() = default;

  /// Seconds east of UTC, valid now.
  [[nodiscard]] std::int64_t offset() const;

 private:
  std::optional<std::int64_t> fixed_;
  // The second of the last question above the offset it gave, in one word so that
  // threads need no lock; 0 before the first question.
  mutable std::atomic<std::int64_t> cached_{0};
};

}  // namespace tiercel::audit
