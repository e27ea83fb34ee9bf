#include "stopwatch.h"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "tiercel/engine/rule_costs.h"

namespace tiercel::engine {
namespace {

TEST(Stopwatch, KnowsItsOwnCost) {
  EXPECT_GT(Stopwatch::cost(), 0);
  EXPECT_LT(Stopwatch::cost(), 100'000);
  EXPECT_GT(Stopwatch::core_cost(), 0);
  EXPECT_LT(Stopwatch::core_cost(), 100'000);
  const std::int64_t start = Stopwatch::now();
  EXPECT_GE(Stopwatch::now(), start);
}

TEST(Stopwatch, CountsTheTimeOnTheCoreAlone) {
  const Stopwatch stopwatch;
  const std::int64_t start = Stopwatch::now();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_LT(stopwatch.share_on_core(Stopwatch::now() - start), 0.5);
  // Some piece of work as short as an event has its core all the time, however busy the machine.
  bool was_on_core = false;
  for (int attempt = 0; attempt < 10'000 && !was_on_core; ++attempt) {
    const Stopwatch next;
    const std::int64_t begun = Stopwatch::now();
    was_on_core = next.share_on_core(Stopwatch::now() - begun) == 1;
  }
  EXPECT_TRUE(was_on_core);
}

TEST(Stopwatch, MeasuresFewerEventsWhereTheClockIsSlow) {
  EXPECT_EQ(sample_every(0, 0), kSampleEvery);
  EXPECT_EQ(sample_every(15, 100), kSampleEvery);
  EXPECT_EQ(sample_every(15, 300), 2 * kSampleEvery) << "a system call that takes long";
  EXPECT_EQ(sample_every(30, 1'650), 4 * kSampleEvery);
  EXPECT_EQ(sample_every(1'200, 1'650), 67 * kSampleEvery);
  EXPECT_EQ(sample_every(INT64_MAX, INT64_MAX), 1'000 * kSampleEvery) << "but always some";
}

}  // namespace
}  // namespace tiercel::engine
