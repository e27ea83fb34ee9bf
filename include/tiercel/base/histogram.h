#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>

namespace tiercel::base {

/// How many durations fell into which bucket, and their sum. Plain values.
struct LatencyCounts {
  /// Upper bounds in milliseconds. From a disk's commit to hours behind a peer that is down; an
  /// apiserver alone may hold an event back for 30 s (--audit-webhook-batch-max-wait).
  static constexpr std::array<std::int64_t, 16> kBounds{
      5,     10,    25,     50,     100,    250,     500,     1'000,
      2'500, 5'000, 10'000, 30'000, 60'000, 300'000, 900'000, 3'600'000};
  /// By bucket, not cumulative; the last one is what lies above all bounds.
  std::array<std::uint64_t, kBounds.size() + 1> counts{};
  std::uint64_t milliseconds = 0;

  /// Nanoseconds; less than none (clocks differ) counts as none.
  void add(std::int64_t nanoseconds) {
    ++counts[bucket_of(nanoseconds)];
    milliseconds += milliseconds_of(nanoseconds);
  }
  [[nodiscard]] static std::uint64_t milliseconds_of(std::int64_t nanoseconds) {
    return nanoseconds <= 0 ? 0 : static_cast<std::uint64_t>(nanoseconds / 1'000'000);
  }
  [[nodiscard]] static std::size_t bucket_of(std::int64_t nanoseconds) {
    const auto at = std::lower_bound(
        kBounds.begin(), kBounds.end(), nanoseconds,
        [](std::int64_t bound, std::int64_t value) { return bound * 1'000'000 < value; });
    return static_cast<std::size_t>(at - kBounds.begin());
  }
};

/// The same for several threads. Relaxed atomics.
class LatencyHistogram {
 public:
  void add(std::int64_t nanoseconds) {
    counts_[LatencyCounts::bucket_of(nanoseconds)].fetch_add(1, std::memory_order_relaxed);
    milliseconds_.fetch_add(LatencyCounts::milliseconds_of(nanoseconds), std::memory_order_relaxed);
  }
  [[nodiscard]] LatencyCounts counts() const {
    LatencyCounts out;
    for (std::size_t at = 0; at < counts_.size(); ++at) {
      out.counts[at] = counts_[at].load(std::memory_order_relaxed);
    }
    out.milliseconds = milliseconds_.load(std::memory_order_relaxed);
    return out;
  }

 private:
  std::array<std::atomic<std::uint64_t>, LatencyCounts::kBounds.size() + 1> counts_{};
  std::atomic<std::uint64_t> milliseconds_{0};
};

}  // namespace tiercel::base
