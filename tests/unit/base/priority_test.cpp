#include "tiercel/base/priority.h"

#include <gtest/gtest.h>

namespace tiercel::base {
namespace {

TEST(Priority, TakesFullNamesInAnyCaseAndInfo) {
  EXPECT_EQ(parse_priority("WARNING"), Priority::kWarning);
  EXPECT_EQ(parse_priority("wArNiNg"), Priority::kWarning);
  EXPECT_EQ(parse_priority("info"), Priority::kInformational);
  EXPECT_EQ(parse_priority("INFORMATIONAL"), Priority::kInformational);
  EXPECT_EQ(to_text(Priority::kInformational), "Informational");
}

TEST(Priority, RefusesOtherAbbreviationsAndNumbers) {
  for (const auto* name : {"warn", "err", "crit", "emerg", "4", "", "infor"}) {
    EXPECT_EQ(parse_priority(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace tiercel::base
