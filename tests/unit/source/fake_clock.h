#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "tiercel/base/clock.h"

namespace tiercel::source {

/// A clock that stands still until it is pushed.
class HandClock final : public base::Clock {
 public:
  static constexpr std::int64_t kStart = 1'700'000'000'000'000'000;
  [[nodiscard]] std::int64_t now() const override { return kStart + steady_.load(); }
  [[nodiscard]] std::int64_t steady() const override { return steady_.load(); }
  void push(std::chrono::nanoseconds time) { steady_ += time.count(); }

 private:
  std::atomic<std::int64_t> steady_{0};
};

}  // namespace tiercel::source
