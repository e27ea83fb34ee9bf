#include "spread_words.h"

#include <gtest/gtest.h>

namespace tiercel::app {
namespace {

std::string spread(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : spread_words(words)) {
    line += (line.empty() ? "" : " ") + word;
  }
  return line;
}

TEST(SpreadWords, GivesEachRulesFileItsLetter) {
  EXPECT_EQ(spread({"replay", "-r", "a.yaml", "b.yml", "--json", "e.jsonl"}),
            "replay -r a.yaml -r b.yml --json e.jsonl");
  EXPECT_EQ(spread({"check", "--rules", "a.yaml", "b.yaml"}),
            "check --rules a.yaml --rules b.yaml");
  EXPECT_EQ(spread({"replay", "-r", "a.yaml", "e.jsonl"}), "replay -r a.yaml e.jsonl");
  EXPECT_EQ(spread({"replay", "-r", "a.yaml", "e.jsonl", "late.yaml"}),
            "replay -r a.yaml e.jsonl late.yaml")
      << "what stands behind another word belongs to nobody";
}

TEST(SpreadWords, GivesEachSettingItsLetter) {
  EXPECT_EQ(spread({"-o", "a=1", "b=2", "-"}), "-o a=1 -o b=2 -");
  EXPECT_EQ(spread({"-r", "a.yaml", "-o", "x=1", "y=2", "e.jsonl"}),
            "-r a.yaml -o x=1 -o y=2 e.jsonl");
  EXPECT_EQ(spread({"-o", "plain", "b.yaml"}), "-o plain b.yaml");
}

TEST(SpreadWords, LeavesTheRestAlone) {
  EXPECT_EQ(spread({"-r", "a.yaml", "--", "b.yaml"}), "-r a.yaml -- b.yaml");
  EXPECT_EQ(spread({"-ra.yaml", "b.yaml"}), "-ra.yaml b.yaml");
  EXPECT_EQ(spread({"-r"}), "-r");
  EXPECT_EQ(spread({}), "");
}

}  // namespace
}  // namespace tiercel::app
