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

  Stopwatch();
  /// Whether this thread lost its core, or waited for the disk, since this was made: what was
  /// measured meanwhile says nothing.
  [[nodiscard]] bool was_interrupted() const;

 private:
  std::int64_t interruptions_;
};

/// Of how many events one is to be measured: kSampleEvery, and fewer where the system's clock is
/// a slow one (a virtual machine without a time-stamp counter), which would cost too much.
[[nodiscard]] std::uint32_t sample_every(std::int64_t clock_cost);

}  // namespace tiercel::engine
