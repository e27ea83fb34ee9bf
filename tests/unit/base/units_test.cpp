#include "tiercel/base/units.h"

#include <gtest/gtest.h>

namespace tiercel::base {
namespace {

using std::chrono::milliseconds;

TEST(Units, ReadsSizes) {
  EXPECT_EQ(parse_byte_size("16MiB")->bytes, 16U << 20U);
  EXPECT_EQ(parse_byte_size("64 KiB")->bytes, 64U << 10U);
  EXPECT_EQ(parse_byte_size("1GB")->bytes, 1'000'000'000U);
  EXPECT_EQ(parse_byte_size("4096")->bytes, 4096U);
  for (const auto* bad :
       {"", "MiB", "1.5MiB", "-1", "16 mib", "99999999999999999999", "9223372036854775807GiB"}) {
    EXPECT_FALSE(parse_byte_size(bad)) << bad;
  }
}

TEST(Units, WritesSizesAsTheyAreRead) {
  for (const std::uint64_t bytes :
       {0ULL, 1ULL, 1500ULL, 1024ULL, 65536ULL, 1ULL << 30U, 3ULL << 29U}) {
    EXPECT_EQ(parse_byte_size(to_text(ByteSize{bytes}))->bytes, bytes);
  }
  EXPECT_EQ(to_text(ByteSize{16U << 20U}), "16MiB");
}

TEST(Units, ReadsDurations) {
  EXPECT_EQ(*parse_duration("250ms"), milliseconds(250));
  EXPECT_EQ(*parse_duration("1h30m"), milliseconds(5'400'000));
  EXPECT_EQ(*parse_duration("7d"), milliseconds(604'800'000));
  for (const auto* bad :
       {"", "30", "30x", "1.5s", "s", "-1s", "1m1h", "1s1s", "9999999999999999999d"}) {
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
}

TEST(Units, WritesDurationsAsTheyAreRead) {
  for (const std::int64_t ms : {0L, 1L, 999L, 1000L, 61'000L, 90'061'001L}) {
    EXPECT_EQ(*parse_duration(to_text(milliseconds(ms))), milliseconds(ms));
  }
  EXPECT_EQ(to_text(milliseconds(5'400'000)), "1h30m");
}

}  // namespace
}  // namespace tiercel::base
