#include "moment.h"

#include <gtest/gtest.h>

namespace tiercel::app {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
// 2026-01-02T10:30:00Z
constexpr std::int64_t kNow = 1'767'349'800 * kSecond;
constexpr std::int64_t kMidnight = 1'767'312'000 * kSecond;

TEST(Moment, IsReadAsPeopleWriteIt) {
  const std::int64_t hour = 3600 * kSecond;
  for (const auto& [text, want] : {
           std::pair{"2026-01-02T09:30:00Z", kNow - hour},
           {"2026-01-02T10:30:00+01:00", kNow - hour},
           {"2026-01-02T09:30:00.5Z", kNow - hour + kSecond / 2},
           {"2026-01-02T09:30:00", kNow - hour},
           {"2026-01-02 09:30:00", kNow - hour},
           {"2026-01-02 09:30:00+01:00", kNow - 2 * hour},
           {"2026-01-02 09:30", kNow - hour},
           {"2026-01-02", kMidnight},
           {"now", kNow},
           {"today", kMidnight},
           {"yesterday", kMidnight - 24 * hour},
           {"1h", kNow - hour},
           {"1h30m", kNow - hour - 1800 * kSecond},
           {"2d ago", kNow - 48 * hour},
           {"1000000d", 0},
       }) {
    const auto moment = parse_moment(text, kNow);
    ASSERT_TRUE(moment) << text;
    EXPECT_EQ(*moment, want) << text;
  }
}

TEST(Moment, WhatIsNoneIsRefused) {
  for (const char* const text :
       {"", "last tuesday", "2026-13-01", "2026-01-02T25:00:00Z", "2026-01-02 9:30", "-2h", "2",
        "2h3", "2026-01-02x", "2026-01-02T09:30:00Zjunk", " ago", "99999999999999999999d"}) {
    EXPECT_FALSE(parse_moment(text, kNow)) << text;
  }
}

}  // namespace
}  // namespace tiercel::app
