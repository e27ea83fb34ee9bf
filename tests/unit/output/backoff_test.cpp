#include "backoff.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "tiercel/base/one_line.h"

#include "circuit_breaker.h"
#include "runner_text.h"

namespace tiercel::output {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Backoff, StaysBetweenItsBoundsAndDoublesTheCeiling) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Backoff backoff(milliseconds(500), milliseconds(60'000), seed);
    milliseconds ceiling(1000);
    for (int at = 0; at < 12; ++at) {
      const milliseconds pause = backoff.next();
      EXPECT_GE(pause, milliseconds(500));
      EXPECT_LE(pause, ceiling);
      ceiling = std::min(ceiling * 2, milliseconds(60'000));
    }
  }
}

TEST(Backoff, UsesTheWholeRange) {
  milliseconds least = milliseconds::max();
  milliseconds most{0};
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Backoff backoff(milliseconds(100), milliseconds(10'000), seed);
    for (int at = 0; at < 10; ++at) {
      (void)backoff.next();
    }
    const milliseconds pause = backoff.next();
    least = std::min(least, pause);
    most = std::max(most, pause);
  }
  EXPECT_LT(least, milliseconds(1000));
  EXPECT_GT(most, milliseconds(9000));
}

TEST(Backoff, TheSeedDecides) {
  Backoff one(milliseconds(100), milliseconds(10'000), 7);
  Backoff same(milliseconds(100), milliseconds(10'000), 7);
  std::set<milliseconds> first;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    EXPECT_EQ(one.next(), same.next());
    first.insert(Backoff(milliseconds(100), milliseconds(10'000), seed).next());
  }
  EXPECT_GT(first.size(), 20U);
}

TEST(Backoff, BeginsAnewAfterReset) {
  Backoff backoff(milliseconds(100), milliseconds(100'000), 1);
  for (int at = 0; at < 10; ++at) {
    (void)backoff.next();
  }
  backoff.reset();
  EXPECT_LE(backoff.next(), milliseconds(200));
}

TEST(Backoff, NeverPausesForNothing) {
  Backoff none(milliseconds(0), milliseconds(0), 1);
  EXPECT_EQ(none.next(), Backoff::kLeast);
  Backoff crossed(milliseconds(500), milliseconds(100), 1);
  EXPECT_EQ(crossed.next(), milliseconds(500));
  Backoff endless(milliseconds(500), milliseconds::max(), 1);
  for (int at = 0; at < 100; ++at) {
    EXPECT_GE(endless.next(), milliseconds(500));
  }
}

TEST(CircuitBreaker, OpensAfterFailuresInARowOnly) {
  CircuitBreaker breaker(3, seconds(30), seconds(300));
  EXPECT_FALSE(breaker.failed());
  EXPECT_FALSE(breaker.failed());
  breaker.succeeded();
  EXPECT_FALSE(breaker.failed());
  EXPECT_FALSE(breaker.failed());
  EXPECT_FALSE(breaker.is_open());
  EXPECT_EQ(breaker.failed(), seconds(30));
  EXPECT_TRUE(breaker.is_open());
}

TEST(CircuitBreaker, PausesGrowToTheLongestAndBeginAnewAfterASuccess) {
  CircuitBreaker breaker(1, seconds(30), seconds(100));
  EXPECT_EQ(breaker.failed(), seconds(30));
  EXPECT_EQ(breaker.failed(), seconds(60));
  EXPECT_EQ(breaker.failed(), seconds(100));
  EXPECT_EQ(breaker.failed(), seconds(100));
  breaker.succeeded();
  EXPECT_FALSE(breaker.is_open());
  EXPECT_EQ(breaker.failed(), seconds(30));
}

TEST(CircuitBreaker, NeverOpensWhenOff) {
  CircuitBreaker breaker(0, seconds(30), seconds(100));
  for (int at = 0; at < 1000; ++at) {
    EXPECT_FALSE(breaker.failed());
  }
  EXPECT_FALSE(breaker.is_open());
}

TEST(RunnerText, WritesDurations) {
  EXPECT_EQ(duration_text(milliseconds(450)), "450 ms");
  EXPECT_EQ(duration_text(seconds(12)), "12 s");
  EXPECT_EQ(duration_text(std::chrono::minutes(7)), "7 min");
  EXPECT_EQ(duration_text(std::chrono::hours(72)), "72 h");
  EXPECT_EQ(base::one_line("a\r\nb\x1b[2J\xc2\x9b"
                           "c\xc2\xa0"),
            "a  b [2J c\xc2\xa0");
  EXPECT_EQ(base::one_line(std::string(5000, 'x')).size(), 503U);
  EXPECT_EQ(base::one_line(std::string(499, 'x') + "\u20ac"), std::string(499, 'x') + "...");
}

}  // namespace
}  // namespace tiercel::output
