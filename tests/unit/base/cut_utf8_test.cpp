#include "tiercel/base/cut_utf8.h"

#include <string>

#include <gtest/gtest.h>

namespace tiercel::base {
namespace {

TEST(CutUtf8, LeavesWhatFits) {
  EXPECT_EQ(cut_utf8("", 0), "");
  EXPECT_EQ(cut_utf8("abc", 3), "abc");
  EXPECT_EQ(cut_utf8("\u00e9", 2), "\u00e9");
  EXPECT_EQ(cut_utf8("abc", 1000), "abc");
}

TEST(CutUtf8, CutsBetweenCharactersOfAnyLength) {
  const std::string text = "a\u00e9\u20ac\U0001F600z";  // begin at 0, 1, 3, 6, 10
  const std::size_t borders[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11};
  for (std::size_t most = 0; most <= text.size(); ++most) {
    EXPECT_EQ(cut_utf8(text, most), text.substr(0, borders[most])) << most;
  }
}

TEST(CutUtf8, BytesThatBeginNoCharacterGoWithTheOneBefore) {
  EXPECT_EQ(cut_utf8("ab\x80\x80\x80\x80", 3), "a");
  EXPECT_EQ(cut_utf8("\x80\x80\x80", 2), "");
  EXPECT_EQ(cut_utf8("\xff\xff\xff", 2), "\xff\xff");
}

}  // namespace
}  // namespace tiercel::base
