#pragma once

#include <chrono>
#include <cstdint>
#include <random>

namespace tiercel::output {

/// Pauses between tries: random between `min` and a ceiling that begins at twice `min` and
/// doubles with each failure up to `max`. Random over the whole range, so that many senders
/// which failed together do not come back together.
///
/// Runs on: one thread.
class Backoff {
 public:
  using milliseconds = std::chrono::milliseconds;

  /// The same seed gives the same pauses. A `min` under kLeast is taken as kLeast: no peer is
  /// asked in a tight loop.
  Backoff(milliseconds min, milliseconds max, std::uint64_t seed);

  [[nodiscard]] milliseconds next();
  void reset() { ceiling_ = first_ceiling_; }

  static constexpr milliseconds kLeast{10};

 private:
  const milliseconds min_;
  const milliseconds max_;
  const milliseconds first_ceiling_;
  milliseconds ceiling_;
  std::mt19937_64 random_;
};

}  // namespace tiercel::output
