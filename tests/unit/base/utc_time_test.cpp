#include "tiercel/base/utc_time.h"

#include <limits>

#include <gtest/gtest.h>

#include "tiercel/base/fnv.h"

namespace tiercel::base {
namespace {

constexpr std::int64_t kTime = 1'577'934'246'123'456'789;

TEST(UtcTime, IsRfc3339WithAsManyDigitsAsAskedFor) {
  EXPECT_EQ(utc_text(kTime), "2020-01-02T03:04:06Z");
  EXPECT_EQ(utc_text(kTime, 3), "2020-01-02T03:04:06.123Z");
  EXPECT_EQ(utc_text(kTime, 6), "2020-01-02T03:04:06.123456Z");
  EXPECT_EQ(utc_text(kTime, 9), "2020-01-02T03:04:06.123456789Z");
  EXPECT_EQ(utc_text(1'767'323'045'678'901'234, 3), "2026-01-02T03:04:05.678Z");
  EXPECT_EQ(utc_text(0, 3), "1970-01-01T00:00:00.000Z");
}

TEST(UtcTime, RoundsDownBeforeTheEpochToo) {
  EXPECT_EQ(utc_text(-1, 9), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(utc_text(-1, 3), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(utc_text(-1), "1969-12-31T23:59:59Z");
  EXPECT_EQ(utc_text(-1'000'000'000, 3), "1969-12-31T23:59:59.000Z");
}

TEST(UtcTime, HoldsEveryTime) {
  using Limits = std::numeric_limits<std::int64_t>;
  EXPECT_EQ(utc_text(Limits::min(), 9), "1677-09-21T00:12:43.145224192Z");
  EXPECT_EQ(utc_text(Limits::max(), 9), "2262-04-11T23:47:16.854775807Z");
}

TEST(UtcTime, TakesAPattern) {
  EXPECT_EQ(utc_text(kTime, "k8s-%Y.%m.%d"), "k8s-2020.01.02");
  EXPECT_EQ(utc_text(kTime, std::string(300, 'x').c_str()), "");
  EXPECT_EQ(fraction_text(kTime, 3), ".123");
  EXPECT_EQ(fraction_text(kTime, 0), "");
}

// Names in files: what they are must not change.
TEST(Fnv1a, IsTheKnownOne) {
  EXPECT_EQ(fnv1a(""), 0xCBF29CE484222325U);
  EXPECT_EQ(fnv1a("a"), 0xAF63DC4C8601EC8CU);
  EXPECT_EQ(fnv1a("foobar"), 0x85944171F73967E8U);
}

}  // namespace
}  // namespace tiercel::base
