#include "tiercel/base/text_table.h"

#include <string>

#include <gtest/gtest.h>

namespace tiercel::base {
namespace {

TEST(TextTable, NumbersTextsInTheOrderInWhichTheyCame) {
  TextTable table;
  EXPECT_EQ(table.find("pods"), TextTable::kNone);
  EXPECT_EQ(table.add("pods"), 0U);
  EXPECT_EQ(table.add(""), 1U);
  EXPECT_EQ(table.add("pods"), 0U);
  EXPECT_EQ(table.size(), 2U);
  EXPECT_EQ(table.find("pods"), 0U);
  EXPECT_EQ(table.find(""), 1U);
  EXPECT_EQ(table.find("pod"), TextTable::kNone);
}

// Every length up to 80, texts that differ in one byte only, and bytes above 0x7F.
TEST(TextTable, TellsTextsApartByEveryByte) {
  TextTable table;
  std::uint32_t next = 0;
  for (std::size_t size = 1; size <= 80; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'a');
      text[at] = '\xFF';
      ASSERT_EQ(table.find(text), TextTable::kNone) << size << ' ' << at;
      ASSERT_EQ(table.add(text), next++);
    }
  }
  for (std::uint32_t number = 0; number < next; ++number) {
    ASSERT_EQ(table.find(table.texts()[number]), number);
  }
  EXPECT_EQ(table.find(std::string(40, 'a')), TextTable::kNone);
}

TEST(TextTable, FindsEachOfManyAlikeTexts) {
  TextTable table;
  constexpr std::uint32_t kMany = 50'000;
  for (std::uint32_t number = 0; number < kMany; ++number) {
    ASSERT_EQ(table.add("registry.example.com/team/app-" + std::to_string(number)), number);
  }
  for (std::uint32_t number = 0; number < kMany; ++number) {
    ASSERT_EQ(table.find("registry.example.com/team/app-" + std::to_string(number)), number);
  }
  EXPECT_EQ(table.find("registry.example.com/team/app-"), TextTable::kNone);
}

}  // namespace
}  // namespace tiercel::base
