#include "stopwatch.h"

#include <algorithm>
#include <chrono>

#include <time.h>

#include "tiercel/engine/rule_costs.h"

namespace tiercel::engine {

namespace {

// The clock that kSampleEvery was chosen for takes no longer.
constexpr std::int64_t kUsualCost = 60;

// The least mean of several short runs: an interruption spoils one of them at most.
std::int64_t measure_cost() {
  constexpr int kRuns = 16;
  constexpr int kReadings = 32;
  std::int64_t least = INT64_MAX;
  for (int run = 0; run < kRuns; ++run) {
    const std::int64_t start = Stopwatch::now();
    std::int64_t last = start;
    for (int reading = 0; reading < kReadings; ++reading) {
      last = Stopwatch::now();
    }
    least = std::min(least, (last - start) / kReadings);
  }
  return least;
}

// The system counts it to the nanosecond.
std::int64_t thread_time() {
  timespec time{};
  (void)::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

}  // namespace

std::int64_t Stopwatch::now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::int64_t Stopwatch::cost() {
  static const std::int64_t kCost = measure_cost();
  return kCost;
}

Stopwatch::Stopwatch() : on_core_(thread_time()) {}

double Stopwatch::share_on_core(std::int64_t nanoseconds) const {
  const std::int64_t on_core = thread_time() - on_core_;
  return on_core >= nanoseconds ? 1
                                : static_cast<double>(on_core) / static_cast<double>(nanoseconds);
}

std::uint32_t sample_every(std::int64_t clock_cost) {
  const std::int64_t times = (clock_cost + kUsualCost - 1) / kUsualCost;
  return kSampleEvery * static_cast<std::uint32_t>(std::clamp<std::int64_t>(times, 1, 1'000));
}

std::uint32_t RuleCosts::sample_every() { return engine::sample_every(Stopwatch::cost()); }

}  // namespace tiercel::engine
