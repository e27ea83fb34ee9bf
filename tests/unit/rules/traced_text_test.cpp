#include "traced_text.h"

#include <gtest/gtest.h>

namespace tiercel::rules {
namespace {

using Along = TracedText::Along;

// The text, then "offset:file-offset/scope" of every byte and of the end.
std::string print(const TracedText& text) {
  std::string out = text.text();
  for (std::size_t at = 0; at <= text.size(); ++at) {
    const TracedText::Spot spot = text.spot(at);
    out += " " + std::to_string(spot.origin.offset) +
           (spot.scope == 0 ? "" : "/" + std::to_string(spot.scope));
  }
  return out;
}

TracedText written(std::string_view text, std::uint32_t offset, std::uint32_t scope = 0) {
  return {text, {{0, offset}, scope}, Along::kWritten};
}

TEST(TracedText, FollowsWhatWasWrittenAndPinsWhatWasAdded) {
  TracedText text = written("abc", 10);
  text.append("()", {{0, 5}, 2}, Along::kAdded);
  text.append(written("de", 40));
  EXPECT_EQ(print(text), "abc()de 10 11 12 5/2 5/2 40 41 42");
}

TEST(TracedText, CutsInTheMiddleOfPieces) {
  TracedText text = written("abcd", 10);
  text.append(written("efgh", 100));
  TracedText part;
  part.append(text, 2, 4);
  EXPECT_EQ(print(part), "cdef 12 13 100 101 102");
}

TEST(TracedText, CutOfAddedTextStaysPinned) {
  const TracedText text("abcd", {{0, 7}, 0}, Along::kAdded);
  TracedText part;
  part.append(text, 2);
  EXPECT_EQ(print(part), "cd 7 7 7");
}

TEST(TracedText, AppendingNothingAddsNothing) {
  TracedText text = written("ab", 3);
  text.append("", {{0, 9}, 0}, Along::kWritten);
  text.append(text, 2);
  EXPECT_EQ(text, written("ab", 3));
}

TEST(TracedText, DropsTheLastByteAndEmptyPieces) {
  TracedText text = written("ab", 3);
  text.append("x", {{0, 9}, 0}, Along::kWritten);
  text.pop_back();
  EXPECT_EQ(text, written("ab", 3));
  text.pop_back();
  EXPECT_EQ(print(text), "a 3 4");
}

TEST(TracedText, TrimsBothEnds) {
  EXPECT_EQ(print(written(" \t\r\nab \n", 10).trimmed()), "ab 14 15 16");
  EXPECT_TRUE(written(" \n", 10).trimmed().empty());
}

TEST(TracedText, TakesAScope) { EXPECT_EQ(print(written("ab", 3).in_scope(4)), "ab 3/4 4/4 5/4"); }

TEST(TracedText, AnEmptyTextIsNowhere) {
  EXPECT_EQ(TracedText().spot(0).origin.file, Origin::kNoFile);
}

}  // namespace
}  // namespace tiercel::rules
