#include "admission.h"

#include <optional>
#include <vector>

#include <gtest/gtest.h>

namespace tiercel::source {
namespace {

// A share of a request that has come whole.
std::optional<Admission::Share> come(Admission& admission, std::uint64_t bytes) {
  std::optional<Admission::Share> share(admission.admit(bytes));
  if (!*share || !share->grow_to(bytes) || !share->begin()) {
    share.reset();
  }
  return share;
}

TEST(Admission, GivesOutItsBudgetAndTakesItBack) {
  Admission admission(100);
  auto first = come(admission, 60);
  EXPECT_TRUE(first);
  EXPECT_FALSE(admission.admit(41));
  const auto second = come(admission, 40);
  EXPECT_TRUE(second);
  EXPECT_EQ(admission.used(), 100U);
  EXPECT_FALSE(admission.admit(1));
  first.reset();
  EXPECT_EQ(admission.used(), 40U);
  EXPECT_TRUE(come(admission, 60));
}

TEST(Admission, BoundsTheNumberOfRequests) {
  Admission admission(100, 2);
  auto first = come(admission, 0);
  const auto second = come(admission, 0);
  EXPECT_TRUE(second);
  EXPECT_FALSE(admission.admit(0));
  EXPECT_EQ(admission.requests(), 2U);
  first.reset();
  EXPECT_TRUE(come(admission, 0));
}

TEST(Admission, AlwaysAdmitsOne) {
  Admission admission(100);
  const auto giant = come(admission, 1'000'000);
  EXPECT_TRUE(giant);
  EXPECT_FALSE(admission.admit(1));
}

TEST(Admission, CountsNothingThatIsOnlyAnnounced) {
  Admission admission(100, 1);
  std::vector<Admission::Share> silent;
  for (int at = 0; at < 10; ++at) {
    silent.push_back(admission.admit(100));
    EXPECT_TRUE(silent.back());
  }
  EXPECT_EQ(admission.used(), 0U);
  EXPECT_EQ(admission.requests(), 0U);
  EXPECT_TRUE(come(admission, 100));
}

TEST(Admission, RefusesWhatGrowsBeyondTheRoom) {
  Admission admission(100);
  std::optional<Admission::Share> first(admission.admit(80));
  Admission::Share second = admission.admit(80);
  EXPECT_TRUE(first->grow_to(60));
  EXPECT_TRUE(second.grow_to(40));
  EXPECT_FALSE(second.grow_to(41));
  EXPECT_EQ(admission.used(), 100U);
  first.reset();
  EXPECT_TRUE(second.grow_to(80));
  EXPECT_TRUE(second.grow_to(10)) << "less is no question";
  EXPECT_EQ(admission.used(), 80U);
}

TEST(Admission, MovesASharesDutyWithIt) {
  Admission admission(100);
  {
    Admission::Share share = admission.admit(50);
    EXPECT_TRUE(share.grow_to(50));
    EXPECT_TRUE(share.begin());
    const Admission::Share moved = std::move(share);
    EXPECT_TRUE(moved);
    EXPECT_EQ(admission.used(), 50U);
    EXPECT_EQ(admission.requests(), 1U);
  }
  EXPECT_EQ(admission.used(), 0U);
  EXPECT_EQ(admission.requests(), 0U);
}

}  // namespace
}  // namespace tiercel::source
