#include "facts.h"

#include <gtest/gtest.h>

namespace tiercel::tests {
namespace {

using analyse::Texts;
using Lines = std::vector<std::string_view>;

TEST(Texts, CopiesShareWhatTheyHadAndGrowApart) {
  Texts first;
  EXPECT_TRUE(first.empty());
  first.insert("b");
  const Texts before = first;
  Texts second = first;
  first.insert("a");
  first.insert("a");
  second.insert("c");
  EXPECT_EQ(before.all(), Lines{"b"});
  EXPECT_EQ(first.all(), (Lines{"a", "b"}));
  EXPECT_EQ(second.all(), (Lines{"b", "c"}));
  EXPECT_FALSE(before.contains("a"));
  EXPECT_FALSE(second.contains("a"));
  EXPECT_TRUE(second.contains("b"));
  second.insert("a");
  EXPECT_EQ(second.all(), (Lines{"a", "b", "c"}));
  EXPECT_EQ(first.all(), (Lines{"a", "b"}));
}

TEST(Texts, OnlyAnotherBranchIsCopied) {
  Texts first;
  first.insert("a");
  Texts second = first;
  EXPECT_EQ(second.to_copy(), 0U);
  EXPECT_EQ(first.identity(), second.identity());
  first.insert("b");
  EXPECT_EQ(first.to_copy(), 0U);
  EXPECT_EQ(second.to_copy(), 1U);
  EXPECT_NE(first.identity(), second.identity());
}

}  // namespace
}  // namespace tiercel::tests
