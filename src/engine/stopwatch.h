#pragma once

#include <cstdint>

namespace tiercel::engine {

/// A clock whose own cost is known.
///
/// Runs on: the thread that made it.
class Stopwatch {
 public:
  /// Steady nanoseconds.
  [[nodiscard]] static std::int64_t now();
  /// What one now() takes, measured once in a process.
  [[nodiscard]] static std::int64_t cost();
  /// What it takes to ask once for how long this thread had a core: the system is called for that.
  [[nodiscard]] static std::int64_t core_cost();

  Stopwatch();
  /// Of so much time that has passed since this was made, the part for which this thread had a
  /// core: 1 where it neither lost it nor waited for the disk.
  [[nodiscard]] double share_on_core(std::int64_t nanoseconds) const;

 private:
  std::int64_t on_core_;
};

/// RuleCosts::sample_every() for clocks of which one reading takes so long, in nanoseconds.
[[nodiscard]] std::uint32_t sample_every(std::int64_t clock_cost, std::int64_t core_clock_cost);

}  // namespace tiercel::engine
