#include "admission.h"

#include <optional>
#include <vector>

#include <gtest/gtest.h>

namespace tiercel::source {
namespace {

TEST(Admission, GivesOutItsBudgetAndTakesItBack) {
  Admission admission(100);
  std::optional<Admission::Share> first(admission.admit(60));
  EXPECT_TRUE(*first);
  EXPECT_FALSE(admission.admit(41));
  const Admission::Share second = admission.admit(40);
  EXPECT_TRUE(second);
  EXPECT_EQ(admission.used(), 100U);
  EXPECT_FALSE(admission.admit(1));
  first.reset();
  EXPECT_EQ(admission.used(), 40U);
  EXPECT_TRUE(admission.admit(60));
}

TEST(Admission, BoundsTheNumberOfRequests) {
  Admission admission(100, 2);
  std::optional<Admission::Share> first(admission.admit(0));
  const Admission::Share second = admission.admit(0);
  EXPECT_TRUE(second);
  EXPECT_FALSE(admission.admit(0));
  EXPECT_EQ(admission.requests(), 2U);
  first.reset();
  EXPECT_TRUE(admission.admit(0));
}

TEST(Admission, AlwaysAdmitsOne) {
  Admission admission(100);
  const Admission::Share giant = admission.admit(1'000'000);
  EXPECT_TRUE(giant);
  EXPECT_FALSE(admission.admit(1));
  EXPECT_FALSE(admission.admit(0));
}

TEST(Admission, TakesBackWhatIsNotNeeded) {
  Admission admission(100);
  Admission::Share share = admission.admit(80);
  share.shrink_to(90);
  EXPECT_EQ(admission.used(), 80U);
  share.shrink_to(10);
  EXPECT_EQ(admission.used(), 10U);
  EXPECT_TRUE(admission.admit(90));
  EXPECT_EQ(admission.used(), 10U);
}

TEST(Admission, MovesASharesDutyWithIt) {
  Admission admission(100);
  {
    Admission::Share share = admission.admit(50);
    const Admission::Share moved = std::move(share);
    EXPECT_TRUE(moved);
    EXPECT_EQ(admission.used(), 50U);
  }
  EXPECT_EQ(admission.used(), 0U);
}

}  // namespace
}  // namespace tiercel::source
