#include "tiercel/alert/alert_id.h"

#include <limits>
#include <set>

#include <gtest/gtest.h>

namespace tiercel::alert {
namespace {

constexpr std::int64_t kTime = 1577934246123456000;
constexpr audit::EventKey kKey{{0x1234567890ABCDEFU, 0xFEDCBA0987654321U}};

std::string id_of(std::int64_t time, const audit::EventKey& key, std::string_view rule) {
  return to_text(make_alert_id(time, false, key, rule));
}

TEST(AlertId, IsTimeAndHash) {
  const std::string id = id_of(kTime, kKey, "r");
  EXPECT_EQ(id.size(), 32U);
  EXPECT_EQ(id.substr(0, 12), "016f6435d0eb");  // 1577934246123 ms
  // Pinned: ids written by one release mean the same to the next.
  EXPECT_EQ(id, "016f6435d0ebbd260bccc1849250b988");
  EXPECT_EQ(id, id_of(kTime, kKey, "r"));
}

TEST(AlertId, DiffersByRuleAndEvent) {
  std::set<std::string> ids;
  std::string rule;
  for (int length = 0; length < 40; ++length) {
    ids.insert(id_of(kTime, kKey, rule));
    rule += 'a';
  }
  for (unsigned bit = 0; bit < 64; ++bit) {
    audit::EventKey key = kKey;
    key.bits[0] ^= std::uint64_t{1} << bit;
    ids.insert(id_of(kTime, key, "rule"));
    key = kKey;
    key.bits[1] ^= std::uint64_t{1} << bit;
    ids.insert(id_of(kTime, key, "rule"));
  }
  EXPECT_EQ(ids.size(), 40U + 128U);
}

TEST(AlertId, SortsByTime) {
  constexpr std::int64_t kMillisecond = 1'000'000;
  constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max() / kMillisecond;
  AlertId before = make_alert_id(0, false, kKey, "r");
  for (std::int64_t time = 1; time < kLast; time *= 3) {
    const AlertId next = make_alert_id(time * kMillisecond, false, kKey, "r");
    EXPECT_LT(before, next) << time;
    EXPECT_LT(to_text(before), to_text(next)) << time;
    before = next;
  }
}

TEST(AlertId, HasNoTimeWhereTheEventHasNone) {
  const AlertId arrival = make_alert_id(kTime, true, kKey, "r");
  EXPECT_EQ(to_text(arrival).substr(0, 12), "000000000000");
  EXPECT_EQ(arrival, make_alert_id(kTime + 5'000'000'000, true, kKey, "r"));
  EXPECT_EQ(to_text(make_alert_id(-5, false, kKey, "r")).substr(0, 12), "000000000000");
}

}  // namespace
}  // namespace tiercel::alert
