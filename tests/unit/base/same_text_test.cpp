#include "tiercel/base/same_text.h"

#include <string>

#include <gtest/gtest.h>

namespace tiercel::base {
namespace {

TEST(SameText, FindsADifferenceInEachByteOfEachLength) {
  const std::string text = "requestReceivedTimestamp-stageTimestamp";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const std::string one = text.substr(0, size);
    EXPECT_TRUE(same_text(one, std::string(one))) << size;
    EXPECT_FALSE(same_text(one, one + "x")) << size;
    EXPECT_FALSE(same_text(one + "x", one)) << size;
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = one;
      other[at] = '\0';
      EXPECT_FALSE(same_text(one, other)) << size << " differing at " << at;
    }
  }
}

}  // namespace
}  // namespace tiercel::base
