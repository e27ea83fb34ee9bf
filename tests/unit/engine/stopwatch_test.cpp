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
  const std::int64_t start = Stopwatch::now();
  EXPECT_GE(Stopwatch::now(), start);
}

TEST(Stopwatch, SeesThatTheThreadLostItsCore) {
  const Stopwatch stopwatch;
  std::this_thread::sleep_for(std::chrono::milliseconds(1));  // gives the core away
  EXPECT_TRUE(stopwatch.was_interrupted());
  // Some piece of work as short as an event is let through, however busy the machine.
  bool was_let_through = false;
  for (int attempt = 0; attempt < 10'000 && !was_let_through; ++attempt) {
    const Stopwatch next;
    (void)Stopwatch::now();
    was_let_through = !next.was_interrupted();
  }
  EXPECT_TRUE(was_let_through);
}

TEST(Stopwatch, MeasuresFewerEventsWhereTheClockIsSlow) {
  EXPECT_EQ(sample_every(0), kSampleEvery);
  EXPECT_EQ(sample_every(25), kSampleEvery);
  EXPECT_EQ(sample_every(60), kSampleEvery);
  EXPECT_EQ(sample_every(61), 2 * kSampleEvery);
  EXPECT_EQ(sample_every(1'200), 20 * kSampleEvery);
  EXPECT_EQ(sample_every(INT64_MAX / 2), 1'000 * kSampleEvery) << "but always some";
}

}  // namespace
}  // namespace tiercel::engine
