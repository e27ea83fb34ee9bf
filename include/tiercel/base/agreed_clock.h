#pragma once

#include <algorithm>
#include <cstdint>

#include "tiercel/base/clock.h"

namespace tiercel::base {

/// The time up to which the wall clock and the steady clock agree since this was made: a jump
/// forward of the wall clock does not show, one back does. For what must happen only when time
/// has really passed, as removing what is old.
///
/// Runs on: any thread.
class AgreedClock final : public Clock {
 public:
  explicit AgreedClock(const Clock& clock)
      : clock_(clock), begun_(clock.now()), begun_steady_(clock.steady()) {}

  [[nodiscard]] std::int64_t now() const override {
    return std::min(clock_.now(), begun_ + passed());
  }
  [[nodiscard]] std::int64_t steady() const override { return clock_.steady(); }
  /// Nanoseconds since this was made.
  [[nodiscard]] std::int64_t passed() const { return clock_.steady() - begun_steady_; }

 private:
  const Clock& clock_;
  const std::int64_t begun_;
  const std::int64_t begun_steady_;
};

}  // namespace tiercel::base
