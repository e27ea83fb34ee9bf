#include "glob.h"

#include <chrono>
#include <random>

#include <fnmatch.h>
#include <gtest/gtest.h>

namespace tiercel::condition {
namespace {

TEST(Glob, MatchesWholeTexts) {
  struct Row {
    std::string_view pattern;
    std::string_view text;
    bool want;
  };
  const Row rows[] = {
      {"c*e", "create", true},
      {"/api/*", "/api/v1/pods", true},
      {"crea", "create", false},
      {"[!c]reate", "create", false},
      {"[^x]reate", "create", true},
      {"*", ".hidden", true},
      {"*", "", true},
      {"", "", true},
      {"", "a", false},
      {"?", "", false},
      {"h?llo", "h\xC3\xA9llo", false},
      {"h??llo", "h\xC3\xA9llo", true},
      {"a\\*b", "a*b", true},
      {"a\\*b", "axb", false},
      {"g{e,a}t", "get", false},
      {"a**b", "ab", true},
      {"*a*b*", "xxaxxbxx", true},
      {"ab*ab", "ab", false},
      {"ab*ab", "abab", true},
      {"[]a]", "]", true},
      {"[!]a]", "b", true},
      {"[a-c]x", "bx", true},
      {"[c-a]", "b", false},
      {"[a-]", "-", true},
      {"[\\]]", "]", true},
      {"[[:digit:]]*", "5x", true},
      {"[[:digit:]]", "x", false},
      {"[", "[", true},
      {"[a", "[a", true},
      {"[a", "a", false},
      {"a\\", "a", false},
      {"a\\", "a\\", false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Glob(row.pattern).matches(row.text), row.want) << row.pattern << " " << row.text;
  }
}

TEST(Glob, FoldsAsciiLetters) {
  EXPECT_TRUE(Glob("C*", Case::kFolded).matches("create"));
  EXPECT_TRUE(Glob("c*E", Case::kFolded).matches("CREATe"));
  EXPECT_TRUE(Glob("[A-C]x", Case::kFolded).matches("bX"));
  EXPECT_FALSE(Glob("C*").matches("create"));
}

// Patterns and texts made of the bytes that matter, against the C library.
TEST(Glob, AgreesWithTheCLibrary) {
  constexpr unsigned kSeed = 20261123;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  const std::string_view pattern_bytes = "**??[[]]!^-\\abcAB:/";
  const std::string_view text_bytes = "abcdABC]-[!^\\:/.";
  const auto text_of = [&random](std::string_view bytes, std::size_t longest) {
    std::string text(random() % (longest + 1), ' ');
    for (char& byte : text) {
      byte = bytes[random() % bytes.size()];
    }
    return text;
  };
  std::size_t matched = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::string pattern = text_of(pattern_bytes, 8);
    const Glob exact(pattern);
    const Glob folding(pattern, Case::kFolded);
    for (int count = 0; count < 5; ++count) {
      const std::string text = text_of(text_bytes, 5);
      const bool want = fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
      ASSERT_EQ(exact.matches(text), want) << pattern << " on " << text;
      const bool want_folded = fnmatch(pattern.c_str(), text.c_str(), FNM_CASEFOLD) == 0;
      ASSERT_EQ(folding.matches(text), want_folded) << pattern << " folded on " << text;
      matched += want ? 1U : 0U;
    }
  }
  EXPECT_GT(matched, 1000U);
}

TEST(Glob, AgreesWithTheCLibraryOnClasses) {
  for (const char* const name : {"alpha", "digit", "alnum", "lower", "upper", "xdigit", "space",
                                 "blank", "punct", "cntrl", "graph", "print"}) {
    const std::string pattern = "[[:" + std::string(name) + ":]]";
    const Glob glob(pattern);
    for (int code = 1; code < 256; ++code) {
      const std::string text(1, static_cast<char>(code));
      EXPECT_EQ(glob.matches(text), fnmatch(pattern.c_str(), text.c_str(), 0) == 0)
          << name << " " << code;
      EXPECT_EQ(Glob(pattern, Case::kFolded).matches(text),
                fnmatch(pattern.c_str(), text.c_str(), FNM_CASEFOLD) == 0)
          << name << " folded " << code;
    }
  }
}

TEST(Glob, TakesNoExponentialTime) {
  std::string pattern;
  for (int count = 0; count < 50; ++count) {
    pattern += "*a?";
  }
  pattern += "*b";
  const std::string text(100'000, 'a');
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(Glob(pattern).matches(text));
  EXPECT_FALSE(Glob("*" + std::string(1000, 'a') + "b*").matches(text));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

}  // namespace
}  // namespace tiercel::condition
