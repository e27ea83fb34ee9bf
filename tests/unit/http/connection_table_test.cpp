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
  for (const auto* const one : {&answering, &fast, &slow, &header, &idle}) {
    table.vouch(*one->slot);
  }

  std::string order;
  for (int i = 0; i < 5; ++i) {
    const auto added = table.add("a", 0, kSecond);
    added.slot->enter(Stage::kAnswering, 2 * kSecond);
    table.vouch(*added.slot);
    order += print(added.victim) + " ";
  }
  EXPECT_EQ(order, "5 4 3 2 1 ");
}

TEST(ConnectionTable, TakesTheLongestIdleFirst) {
  ConnectionTable table(2, 10);
  const auto first = table.add("a", 0, 0);
  const auto second = table.add("a", 0, 0);
  table.vouch(*first.slot);
  table.vouch(*second.slot);
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

// A header that drips keeps no place: whoever is served shows itself soon.
TEST(ConnectionTable, TakesTheOldestStrangerBeforeThoseWhoMaySend) {
  ConnectionTable table(100, 4);
  const auto known = table.add("a", 0, 0);
  const auto dripping = table.add("a", 0, kSecond);
  const auto silent = table.add("a", 0, 2 * kSecond);
  const auto fresh = table.add("a", 0, 3 * kSecond);
  known.slot->enter(Stage::kIdle, 0);
  table.vouch(*known.slot);
  table.vouch(*known.slot);
  dripping.slot->enter(Stage::kHeader, 3 * kSecond);
  silent.slot->enter(Stage::kIdle, 2 * kSecond);
  fresh.slot->enter(Stage::kIdle, 3 * kSecond);
  std::string order;
  for (int at = 0; at < 3; ++at) {
    const auto added = table.add("a", 0, 4 * kSecond);
    order += print(added.victim) + " ";
    table.vouch(*added.slot);
  }
  EXPECT_EQ(order, "2 3 4 ");
  EXPECT_EQ(print(table.add("a", 0, 5 * kSecond).victim), "1") << "all others came later";
}

// Where anybody may post, a crowd that has posted does not push out who has just come.
TEST(ConnectionTable, GivesANewcomerAmongTheKnownTimeToShowItself) {
  ConnectionTable table(100, 3);
  for (int at = 0; at < 2; ++at) {
    table.vouch(*table.add("a", 0, 0).slot);
  }
  (void)table.add("a", 0, kSecond);
  const auto next = table.add("a", 0, kSecond + kSecond / 10);
  EXPECT_EQ(print(next.victim), "1");
  table.vouch(*next.slot);
  EXPECT_EQ(print(table.add("a", 0, 2 * kSecond).victim), "3");
}

// Many addresses with one connection each do not push out the peer that holds most.
TEST(ConnectionTable, TakesStrangersOfAnyPeerFirst) {
  ConnectionTable table(5, 10);
  for (int at = 0; at < 2; ++at) {
    table.vouch(*table.add("apiserver", 0, 0).slot);
  }
  for (const char* const peer : {"x", "y", "z"}) {
    EXPECT_EQ(print(table.add(peer, 0, kSecond).victim), "none");
  }
  EXPECT_EQ(print(table.add("apiserver", 0, 2 * kSecond).victim), "3");
  EXPECT_EQ(print(table.add("w", 0, 3 * kSecond).victim), "4");
}

// What was chosen may be vouched for before it is gone.
TEST(ConnectionTable, VouchesForNoneOnItsWayOut) {
  ConnectionTable table(1, 1);
  const auto first = table.add("a", 0, 0);
  EXPECT_EQ(print(table.add("b", 0, 0).victim), "1");
  table.vouch(*first.slot);
  table.remove(1);
  EXPECT_EQ(table.size(), 1U);
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
