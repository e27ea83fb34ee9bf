#include "tiercel/base/arena.h"

#include <array>
#include <cstring>

#include <gtest/gtest.h>

namespace tiercel::base {
namespace {

TEST(Arena, KeepsWhatWasCopiedUntilReset) {
  Arena arena;
  const std::string_view first = arena.copy(std::string_view("first"));
  const std::array<std::string_view, 2> views{"a", "bc"};
  const auto list = arena.copy(views);
  for (int round = 0; round < 10'000; ++round) {
    std::memset(arena.allocate(100), 0xAA, 100);
  }
  EXPECT_EQ(first, "first");
  EXPECT_EQ(list.size(), 2U);
  EXPECT_EQ(list[1], "bc");
}

TEST(Arena, AllocatesNothingNewInTheSteadyState) {
  Arena arena;
  const auto use = [&arena] {
    for (int round = 0; round < 1'000; ++round) {
      std::memset(arena.allocate(333), 1, 333);
    }
    arena.reset();
  };
  use();
  const std::size_t capacity = arena.capacity();
  for (int round = 0; round < 5; ++round) {
    use();
  }
  EXPECT_EQ(arena.capacity(), capacity);
}

TEST(Arena, GivesBackMemoryThatGrewForOneEvent) {
  Arena arena;
  std::memset(arena.allocate(64U << 20U), 1, 64U << 20U);
  EXPECT_GE(arena.capacity(), 64U << 20U);
  arena.reset();
  EXPECT_LE(arena.capacity(), Arena::kKeep);
  std::memset(arena.allocate(10), 1, 10);
}

TEST(Arena, AlignsForViews) {
  Arena arena;
  for (std::size_t size = 1; size < 40; ++size) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(arena.allocate(size)) % 16, 0U);
  }
}

}  // namespace
}  // namespace tiercel::base
