#include "text_search.h"

#include <gtest/gtest.h>

namespace tiercel::condition {
namespace {

TEST(TextSearch, ReadsWholeDecimalNumbers) {
  struct Row {
    std::string_view text;
    std::optional<std::uint64_t> want;
  };
  const Row rows[] = {
      {"0", 0},    {"00012", 12},
      {"+7", 7},   {"-1", 18446744073709551615U},
      {"-0", 0},   {"18446744073709551615", 18446744073709551615U},
      {"", {}},    {"18446744073709551616", {}},
      {"-", {}},   {"+-1", {}},
      {"0x1", {}}, {"1.5", {}},
      {"1.", {}},  {"1e+3", {}},
      {" 1", {}},  {"1 ", {}},
      {"--1", {}}, {"a", {}},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(parse_unsigned(row.text), row.want) << row.text;
  }
}

TEST(TextSearch, FindsAtEveryPlace) {
  for (const std::size_t size : {0U, 1U, 100U, 4090U, 4096U, 4097U, 8189U, 9000U, 20000U}) {
    for (const std::size_t needle_size : {1U, 2U, 7U, 2048U, 2049U, 5000U}) {
      std::string needle(needle_size, 'n');
      needle.back() = 'm';
      std::string text(size, 'N');
      text += std::string(needle_size - 1, 'N') + "M";
      EXPECT_TRUE(contains_folded(text, needle)) << size << " " << needle_size;
      text.back() = 'N';
      EXPECT_FALSE(contains_folded(text, needle)) << size << " " << needle_size;
      text += "m";
      EXPECT_TRUE(contains_folded(text, needle)) << size << " " << needle_size;
    }
  }
  EXPECT_TRUE(contains_folded("", ""));
  EXPECT_FALSE(contains_folded("", "a"));
  EXPECT_TRUE(contains("abc", ""));
  EXPECT_FALSE(contains("", "a"));
}

TEST(TextSearch, FoldsAsciiLettersOnly) {
  EXPECT_EQ(folded("AZaz@[`{\xC3\x89"), "azaz@[`{\xC3\x89");
}

}  // namespace
}  // namespace tiercel::condition
