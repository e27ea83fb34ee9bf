#include "line_cutter.h"

#include <random>

#include <gtest/gtest.h>

namespace tiercel::source {
namespace {

constexpr LineLimits kLimits{100, 60, 4};

// What was cut, "|" behind each piece; a line that is too long as its size.
std::string cut(LineCutter& cutter, LineCutter::Input input) {
  std::string out;
  while (const auto piece = cutter.next(input)) {
    EXPECT_EQ(piece->bytes.size(), piece->size + audit::kPadding);
    out += piece->is_too_long ? "too long: " + std::to_string(piece->whole_size)
                              : std::string(piece->bytes.data(), piece->size);
    out += "|";
  }
  return out;
}

std::string cut_whole(std::string_view text, LineLimits limits = kLimits) {
  LineCutter cutter(limits);
  cutter.feed(text);
  std::string out = cut(cutter, LineCutter::Input::kEnded);
  EXPECT_EQ(cutter.taken(), text.size());
  EXPECT_EQ(cutter.held(), 0U);
  return out;
}

TEST(LineCutter, PutsLinesTogetherWithinTheLimits) {
  EXPECT_EQ(cut_whole("{\"a\":1}\n[]\nx\n"), "{\"a\":1}\n[]\nx\n|");
  EXPECT_EQ(cut_whole("{\"a\":1}"), "{\"a\":1}|");
  EXPECT_EQ(cut_whole("{}\n{}\n{}\n{}\n{}\n"), "{}\n{}\n{}\n{}\n|{}\n|");
  const std::string half = "{\"a\":\"" + std::string(40, 'x') + "\"}\n";
  EXPECT_EQ(cut_whole(half + half), half + "|" + half + "|");
}

TEST(LineCutter, PassesOverBlankLinesAndHoles) {
  EXPECT_EQ(cut_whole("\n\r\n  \t\n{}\r\n\n"), "{}\r\n\n|");
  const std::string zeros(3, '\0');
  EXPECT_EQ(cut_whole(std::string(5000, '\0') + "{}\n" + zeros + "{}\n"), "{}\n" + zeros + "{}\n|");
  EXPECT_EQ(cut_whole("{}\n" + std::string(5000, '\0') + "{}\n"), "{}\n|{}\n|");
  // Blank lines count for nothing.
  EXPECT_EQ(cut_whole("{}\n\n\n\n\n{}\n"), "{}\n\n\n\n\n{}\n|");
}

TEST(LineCutter, ReportsALongLineWithoutHoldingIt) {
  const std::string with_long = "{}\n" + std::string(5000, 'x') + "\n{}\n";
  EXPECT_EQ(cut_whole(with_long), "{}\n|too long: 5000|{}\n|");
  EXPECT_EQ(cut_whole(std::string(101, 'x')), "too long: 101|");
  LineCutter cutter(kLimits);
  for (int at = 0; at < 1000; ++at) {
    cutter.feed(std::string(200, 'x'));
    EXPECT_EQ(cut(cutter, LineCutter::Input::kMoreMayCome), "");
    EXPECT_EQ(cutter.held(), 0U);
    EXPECT_EQ(cutter.taken(), 0U);
  }
  cutter.feed("\n{}\n");
  EXPECT_EQ(cut(cutter, LineCutter::Input::kMoreMayCome), "too long: 200000|{}\n|");
  EXPECT_EQ(cutter.taken(), 200'000U + 4U);
}

TEST(LineCutter, ABeginningIsNotTakenUntilItsLineEnds) {
  LineCutter cutter(kLimits);
  cutter.feed("{}\n{\"a\"");
  EXPECT_EQ(cut(cutter, LineCutter::Input::kMoreMayCome), "{}\n|");
  EXPECT_EQ(cutter.taken(), 3U);
  EXPECT_EQ(cutter.held(), 4U);
  cutter.feed(":1}");
  EXPECT_EQ(cut(cutter, LineCutter::Input::kMoreMayCome), "");
  cutter.feed("\n");
  EXPECT_EQ(cut(cutter, LineCutter::Input::kMoreMayCome), "{\"a\":1}\n|");
}

// However the bytes arrive, the lines are the same and taken() is behind them.
TEST(LineCutter, ArrivalMakesNoDifference) {
  std::mt19937 random(11);
  const std::vector<std::string> kinds{"{}",
                                       "{\"a\":[1,2]}",
                                       "",
                                       "[]",
                                       "x",
                                       "{\"",
                                       "\\",
                                       "{\"kind\":\"EventList\"}",
                                       std::string(150, 'y')};
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (int at = 0; at < 20; ++at) {
      text += kinds[random() % kinds.size()] + "\n";
    }
    LineCutter cutter({100, 1, 1});  // one line a piece
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t some = std::min<std::size_t>(1 + random() % 70, text.size() - at);
      cutter.feed(std::string_view(text).substr(at, some));
      out += cut(cutter, LineCutter::Input::kMoreMayCome);
      at += some;
    }
    EXPECT_EQ(out, cut_whole(text, {100, 1, 1}));
    EXPECT_EQ(cutter.taken(), text.size());
  }
}

}  // namespace
}  // namespace tiercel::source
