#include "tiercel/base/log_limit.h"

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace tiercel::base {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

TEST(LogLimit, LetsTheFirstLineThroughAndThenOneAPeriod) {
  LogLimit limit;
  EXPECT_TRUE(limit.is_due(0));
  EXPECT_TRUE(limit.lets_through(0));
  EXPECT_FALSE(limit.is_due(60 * kSecond - 1));
  EXPECT_FALSE(limit.lets_through(60 * kSecond - 1));
  EXPECT_TRUE(limit.is_due(60 * kSecond));
  EXPECT_TRUE(limit.lets_through(60 * kSecond));
  EXPECT_FALSE(limit.lets_through(60 * kSecond));
  limit.reset();
  EXPECT_TRUE(limit.lets_through(60 * kSecond));
}

TEST(LogLimit, CountsWhatIsHeldBack) {
  LogLimit limit(std::chrono::seconds(1));
  EXPECT_TRUE(limit.lets_through(0));
  EXPECT_FALSE(limit.lets_through(1));
  EXPECT_FALSE(limit.is_due(2)) << "to ask is no line";
  limit.hold_back();
  EXPECT_EQ(limit.take_held_back(), 2U);
  EXPECT_EQ(limit.take_held_back(), 0U);
  EXPECT_FALSE(limit.lets_through(3));
  limit.reset();
  EXPECT_EQ(limit.take_held_back(), 0U);
}

TEST(LogLimit, SaysHowManyWereHeldBack) {
  LogLimit limit;
  testing::internal::CaptureStderr();
  for (const std::int64_t second : {0, 1, 2, 60, 120}) {
    limit.warn("at " + std::to_string(second), second * kSecond);
  }
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("at 0\n"), std::string::npos) << log;
  EXPECT_EQ(log.find("at 1"), log.find("at 120")) << log;
  EXPECT_EQ(log.find("at 2"), std::string::npos) << log;
  EXPECT_NE(log.find("at 60 (2 more like this since the last such line)\n"), std::string::npos)
      << log;
  EXPECT_NE(log.find("at 120\n"), std::string::npos) << log;
}

TEST(LogLimit, LetsOneOfManyThreadsThrough) {
  LogLimit limit;
  std::atomic<int> through{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int at = 0; at < 1000; ++at) {
        through += limit.lets_through(kSecond) ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(through, 1);
  EXPECT_EQ(limit.take_held_back(), 3999U);
}

}  // namespace
}  // namespace tiercel::base
