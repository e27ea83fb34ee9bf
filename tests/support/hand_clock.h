#pragma once

#include <atomic>
#include <cstdint>

#include "tiercel/base/clock.h"

namespace tiercel::support {

/// A clock that stands still until a test moves it.
class HandClock final : public base::Clock {
 public:
  /// 2026-01-02T03:04:05Z.
  static constexpr std::int64_t kStart = 1'767'323'045'000'000'000;

  [[nodiscard]] std::int64_t now() const override { return kStart + passed_; }
  [[nodiscard]] std::int64_t steady() const override { return kSteadyStart + passed_; }
  void pass_seconds(std::int64_t seconds) { passed_ += seconds * 1'000'000'000; }

 private:
  static constexpr std::int64_t kSteadyStart = 1'000'000'000'000;
  std::atomic<std::int64_t> passed_{0};
};

}  // namespace tiercel::support
