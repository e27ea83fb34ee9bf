#include <chrono>

#include <gtest/gtest.h>

#include "runner_support.h"

namespace tiercel::output {
namespace {

using std::chrono::seconds;
using support::FakeAlert;
using support::FakeStore;
using Steady = std::chrono::steady_clock;

constexpr std::uint64_t kArrival = 500;  // alerts a second

// About what an alert of an exec into a pod has.
std::string body_of(std::uint64_t number) {
  return R"({"number":)" + std::to_string(number) + R"(,"text":")" + std::string(1200, 'x') +
         "\"}\n";
}

class RunnerLag : public RunnerTest {};

TEST_F(RunnerLag, AnHourBehindCostsNoMemoryAndIsCaughtUpWith) {
  store_.shape([](std::uint64_t number, FakeAlert& alert) { alert.body = body_of(number); });
  peer_.set_down(true);
  peer_.forget_lines();
  start();
  for (int minute = 0; minute < 60; ++minute) {
    store_.add(kArrival * 60);
    const int ticks = peer_.ticks();
    clock_.pass_seconds(60);
    ASSERT_TRUE(eventually([&] { return peer_.ticks() > ticks; }));
  }
  ASSERT_TRUE(eventually([&] { return runner_->status().lag.alerts == kArrival * 3600; }));
  const store::PageLimits limits;
  EXPECT_GT(peer_.deliveries().size(), 3U) << "it was tried all the time";
  EXPECT_LE(store_.highest_read(), limits.alerts) << "nothing is read ahead of what is in hand";

  constexpr std::uint64_t kMeasured = 50'000;
  peer_.set_down(false);
  ASSERT_TRUE(eventually_with_time([&] { return peer_.taken_count() > 0; }, 60));
  const auto begin = Steady::now();
  const std::uint64_t before = peer_.taken_count();
  ASSERT_TRUE(eventually([&] { return peer_.taken_count() >= before + kMeasured; }));
  const std::chrono::duration<double> took = Steady::now() - begin;
  EXPECT_GT(static_cast<double>(kMeasured) / took.count(), 5.0 * kArrival);
  EXPECT_EQ(store_.pages(), 1U) << "one page is reused for all";
  EXPECT_LE(store_.largest_page_bytes(), limits.bytes);
  EXPECT_LE(store_.highest_read() * FakeStore::kGap,
            store_.cursor() + 2 * limits.alerts * FakeStore::kGap);
  EXPECT_FALSE(runner_->stop(seconds(0)) && is_cursor_past(kArrival * 3600)) << "millions are left";
}

}  // namespace
}  // namespace tiercel::output
