#pragma once

#include <chrono>
#include <cstdint>

namespace tiercel::base {

/// Where the time comes from; tests put a hand-driven one in its place.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Nanoseconds since the Unix epoch.
  [[nodiscard]] virtual std::int64_t now() const = 0;
  /// Nanoseconds of a clock that never jumps.
  [[nodiscard]] virtual std::int64_t steady() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t now() const override {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  [[nodiscard]] std::int64_t steady() const override {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }
};

}  // namespace tiercel::base
