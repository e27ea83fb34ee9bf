#include "connection_table.h"

#include <string>

#include <gtest/gtest.h>

namespace tiercel::http {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

std::string print(const std::optional<ConnectionTable::Victim>& victim) {
  return victim ? std::to_string(victim->id) : "none";
}

TEST(ConnectionTable, ClosesTheLeastProgressOfAPeerOverItsLimit) {
  ConnectionTable table(100, 5);
  const auto answering = table.add("a", 0, 0);
  const auto fast = table.add("a", 0, 0);
  const auto slow = table.add("a", 0, 0);
  const auto header = table.add("a", 0, 0);
  const auto idle = table.add("a", 0, 0);
  answering.slot->enter(Stage::kAnswering, 0);
  fast.slot->enter(Stage::kBody, 0);
  fast.slot->bytes = 1'000'000;
  slow.slot->enter(Stage::kBody, 0);
  slow.slot->bytes = 10;
  header.slot->enter(Stage::kHeader, 0);
  idle.slot->enter(Stage::kIdle, 0);
  const auto other = table.add("b", 0, kSecond);
  EXPECT_EQ(print(other.victim), "none");

  std::string order;
  for (int i = 0; i < 5; ++i) {
    const auto added = table.add("a", 0, kSecond);
    added.slot->enter(Stage::kAnswering, 2 * kSecond);
    order += print(added.victim) + " ";
  }
  EXPECT_EQ(order, "5 4 3 2 1 ");
}

TEST(ConnectionTable, TakesTheLongestIdleFirst) {
  ConnectionTable table(2, 10);
  const auto first = table.add("a", 0, 0);
  const auto second = table.add("a", 0, 0);
  first.slot->enter(Stage::kIdle, 5 * kSecond);
  second.slot->enter(Stage::kIdle, 3 * kSecond);
  EXPECT_EQ(print(table.add("a", 0, 6 * kSecond).victim), "2");
}

TEST(ConnectionTable, SparesPeersThatHoldLittle) {
  ConnectionTable table(4, 10);
  const auto small = table.add("small", 0, 0);
  for (int i = 0; i < 3; ++i) {
    table.add("large", 1, 0).slot->enter(Stage::kAnswering, 0);
  }
  small.slot->enter(Stage::kIdle, 0);
  const auto added = table.add("third", 0, kSecond);
  ASSERT_TRUE(added.victim);
  EXPECT_EQ(added.victim->thread, 1U);
}

TEST(ConnectionTable, NeverChoosesTheNewcomerOrTheSameTwice) {
  ConnectionTable table(1, 1);
  EXPECT_EQ(print(table.add("a", 0, 0).victim), "none");
  EXPECT_EQ(print(table.add("a", 0, 0).victim), "1");
  EXPECT_EQ(print(table.add("a", 0, 0).victim), "2");
  EXPECT_EQ(print(table.spare(0)), "3");
  EXPECT_EQ(print(table.spare(0)), "none");
  EXPECT_EQ(table.size(), 3U);
  for (const std::uint64_t id : {1U, 2U, 3U, 3U}) {
    table.remove(id);
  }
  EXPECT_EQ(table.size(), 0U);
  EXPECT_TRUE(table.wait_empty(std::chrono::steady_clock::now()));
  EXPECT_EQ(print(table.add("a", 0, 0).victim), "none");
}

}  // namespace
}  // namespace tiercel::http
