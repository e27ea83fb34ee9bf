#include "stopwatch.h"

#include <algorithm>
#include <chrono>

#include <time.h>

#include "tiercel/engine/rule_costs.h"

namespace tiercel::engine {

namespace {

// What an event that is one in kSampleEvery may cost on top: on a processor that evaluates one in a
// microsecond that is a third of a percent, and the clocks take longer on a busy one.
constexpr std::int64_t kUsualCost = 1'500;
// What an event asks of both clocks with the shipped rules.
constexpr std::int64_t kReadings = 80;
constexpr std::int64_t kCoreReadings = 2;
constexpr std::int64_t kSlowest = 1'000'000'000;

// Nanoseconds of one call: the least mean of several short runs, since an interruption spoils one
// of them at most.
std::int64_t measure(std::int64_t (*clock)()) {
  constexpr int kRuns = 16;
  constexpr int kCalls = 32;
  std::int64_t least = INT64_MAX;
  for (int run = 0; run < kRuns; ++run) {
    const std::int64_t start = Stopwatch::now();
    for (int call = 0; call < kCalls; ++call) {
      (void)clock();
    }
    least = std::min(least, (Stopwatch::now() - start) / kCalls);
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
  static const std::int64_t kCost = measure(&Stopwatch::now);
  return kCost;
}

std::int64_t Stopwatch::core_cost() {
  static const std::int64_t kCost = measure(&thread_time);
  return kCost;
}

Stopwatch::Stopwatch() : on_core_(thread_time()) {}

double Stopwatch::share_on_core(std::int64_t nanoseconds) const {
  const std::int64_t on_core = thread_time() - on_core_;
  return on_core >= nanoseconds ? 1
                                : static_cast<double>(on_core) / static_cast<double>(nanoseconds);
}

std::uint32_t sample_every(std::int64_t clock_cost, std::int64_t core_clock_cost) {
  const std::int64_t cost = kReadings * std::min(clock_cost, kSlowest) +
                            kCoreReadings * std::min(core_clock_cost, kSlowest);
  const std::int64_t times = (cost + kUsualCost - 1) / kUsualCost;
  return kSampleEvery * static_cast<std::uint32_t>(std::clamp<std::int64_t>(times, 1, 1'000));
}

std::uint32_t RuleCosts::sample_every() {
  return engine::sample_every(Stopwatch::cost(), Stopwatch::core_cost());
}

}  // namespace tiercel::engine
