#include "part_index.h"

#include <gtest/gtest.h>

namespace tiercel::engine {
namespace {

using Rules = std::vector<std::uint32_t>;

RuleDemands demand(std::uint16_t field, std::set<std::string> parts) {
  FieldDemand one;
  one.field = static_cast<audit::FieldId>(field);
  one.demand.parts = std::move(parts);
  return {one};
}

Rules rules_of(const PartIndex& index, std::string_view text) {
  PartSearch::Scratch scratch;
  std::vector<std::uint32_t> parts;
  index.search().begin(scratch);
  index.search().find(text, 0, scratch, parts);
  Rules rules;
  for (const std::uint32_t part : parts) {
    rules.insert(rules.end(), index.rules_of(part).begin(), index.rules_of(part).end());
  }
  return rules;
}

TEST(PartIndex, HasTheRulesOfEachPartOfEachField) {
  std::vector<RuleDemands> demands{
      demand(1, {"ab", "cd"}), {}, demand(1, {"cd"}), demand(2, {"ab"}), demand(1, {"ab"})};
  PartIndexes indexes(demands);
  const auto first = indexes.add(demands[0][0], 0);
  EXPECT_EQ(indexes.add(demands[2][0], 2), first);
  EXPECT_EQ(indexes.add(demands[2][0], 2), first) << "of another list";
  const auto second = indexes.add(demands[3][0], 3);
  indexes.finish();
  EXPECT_EQ(first->size(), 2U);
  EXPECT_EQ(rules_of(*first, "xab"), Rules{0}) << "not the one that is found by something else";
  EXPECT_EQ(rules_of(*first, "xcdx"), (Rules{0, 2}));
  EXPECT_EQ(rules_of(*second, "ab cd"), Rules{3});
}

TEST(PartIndex, CountsWhoDemandsAPart) {
  std::vector<RuleDemands> demands{demand(1, {"ab", "cd"}), demand(1, {"cd"}), demand(2, {"ab"})};
  const PartIndexes indexes(demands);
  const auto count = [&](std::uint16_t field, std::string_view part) {
    return indexes.count(static_cast<audit::FieldId>(field), part);
  };
  EXPECT_EQ(count(1, "ab"), 1U);
  EXPECT_EQ(count(1, "cd"), 2U);
  EXPECT_EQ(count(2, "ab"), 1U);
  EXPECT_EQ(count(2, "cd"), 0U);
  EXPECT_EQ(count(3, "ab"), 0U);
}

TEST(PartIndex, LeavesOutDemandsBeyondItsBytes) {
  std::vector<RuleDemands> demands{demand(1, {"abcd"}), demand(1, {"efghi"}), demand(1, {"abcd"}),
                                   demand(1, {"xyz"})};
  const PartIndexes indexes(demands, 8);
  EXPECT_EQ(demands[0].size(), 1U);
  EXPECT_EQ(demands[1].size(), 0U) << "nothing is known of that rule: it is tried always";
  EXPECT_EQ(demands[2].size(), 1U) << "a part that is there costs nothing";
  EXPECT_EQ(demands[3].size(), 1U);
}

}  // namespace
}  // namespace tiercel::engine
