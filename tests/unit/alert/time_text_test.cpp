#include "time_text.h"

#include <ctime>
#include <limits>

#include <gtest/gtest.h>

namespace tiercel::alert {
namespace {

std::string iso(std::int64_t time) {
  std::string out;
  append_iso_time(out, time);
  return out;
}

TEST(TimeText, KnownTimes) {
  EXPECT_EQ(iso(0), "1970-01-01T00:00:00.000000000");
  EXPECT_EQ(iso(-1), "1969-12-31T23:59:59.999999999");
  EXPECT_EQ(iso(1577934246123456000), "2020-01-02T03:04:06.123456000");
  EXPECT_EQ(iso(std::numeric_limits<std::int64_t>::max()), "2262-04-11T23:47:16.854775807");
  EXPECT_EQ(iso(std::numeric_limits<std::int64_t>::min()), "1677-09-21T00:12:43.145224192");
}

// Days around every month's end over four centuries agree with the library.
TEST(TimeText, AgreesWithTheLibrary) {
  constexpr std::int64_t kDay = 86'400;
  for (std::int64_t day = -100'000; day < 100'000; day += 7) {
    const std::time_t second = day * kDay + 3'723;
    std::tm parts{};
    gmtime_r(&second, &parts);
    char want[32];
    std::strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%S.000000005", &parts);
    ASSERT_EQ(iso(second * 1'000'000'000 + 5), want);
  }
}

TEST(TimeText, ClockTime) {
  std::string out;
  append_clock_time(out, 86'399'000'000'001);
  EXPECT_EQ(out, "23:59:59.000000001");
}

}  // namespace
}  // namespace tiercel::alert
