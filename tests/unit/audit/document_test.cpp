#include "tiercel/audit/document.h"

#include <random>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tiercel/audit/decode.h"

namespace tiercel::audit {
namespace {

ParseStatus parse(const std::string& text, std::uint32_t depth = 64) {
  const std::string padded = text + std::string(kPadding, '7');
  Document document;
  return document.parse(std::string_view(padded).substr(0, text.size()), depth);
}

TEST(Document, AcceptsWhatIsJson) {
  for (const char* text : {"{}", "[]", "1", "\"a\"", "null", " [ 1 , 2 ] ", R"({"a":{"b":[{}]}})",
                           "[true,false,null,-1.5e10,0]", "\"\"", "[[[[]]]]"}) {
    EXPECT_EQ(parse(text), ParseStatus::kOk) << text;
  }
}

TEST(Document, AcceptsWhatFalcoAccepts) {
  for (const char* text : {"[NaN,nan,-Inf,inf]", "[1e999]", "[123456789012345678901234567890]",
                           R"(["\q","\ud800"])", "[\"\xff\xfe\"]"}) {
    EXPECT_EQ(parse(text), ParseStatus::kOk) << text;
  }
}

TEST(Document, RefusesWhatIsNot) {
  for (const char* text : {"{",
                           "[",
                           "}",
                           "]",
                           "{]",
                           "[}",
                           "[1,]",
                           "{\"a\":1,}",
                           "{,}",
                           "[,]",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\" 1}",
                           "{1:2}",
                           "{a:1}",
                           "[1 2]",
                           "[1}",
                           "{\"a\":1]",
                           "tru",
                           "nulll",
                           "[truefalse]",
                           "1 2",
                           "{}{}",
                           "[]x",
                           "[--1]",
                           "[+1]",
                           "[.5]",
                           "[-]",
                           "[1\"a\"]",
                           "[\"a\"1]",
                           "[\"a\"\"b\"]",
                           "{\"a\":\"b\":1}",
                           "[:]",
                           "{\"a\"::1}",
                           "[1,,2]",
                           "nope"}) {
    EXPECT_EQ(parse(text), ParseStatus::kMalformed) << text;
  }
  EXPECT_EQ(parse(""), ParseStatus::kEmpty);
  EXPECT_EQ(parse(" \n\t"), ParseStatus::kEmpty);
  EXPECT_EQ(parse("[\"abc]"), ParseStatus::kUnreadable);
  EXPECT_EQ(parse("[\"a\nb\"]"), ParseStatus::kUnreadable);
}

// Json::text() relies on it.
TEST(Document, HoldsNoNul) {
  using namespace std::string_literals;
  EXPECT_EQ(parse("[\"a\0b\"]"s), ParseStatus::kUnreadable);
  for (const std::string& text : {"[\0]"s, "[1\0]"s, "[\0001]"s, "{\"a\":null\0}"s, "[]\0"s}) {
    EXPECT_EQ(parse(text), ParseStatus::kMalformed) << text.size();
  }
}

TEST(Document, LimitsDepthExactly) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(parse(nested(64)), ParseStatus::kOk);
  EXPECT_EQ(parse(nested(65)), ParseStatus::kTooDeep);
  EXPECT_EQ(parse(std::string(1'000'000, '[')), ParseStatus::kTooDeep);
}

// What a strict reader accepts, ours accepts; what ours accepts and a strict one does not is
// only a number spelt loosely (the generator makes no other kind of difference).
TEST(Document, AgreesWithAStrictReaderOnRandomTexts) {
  constexpr unsigned kSeed = 20240717;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  std::mt19937 random(kSeed);
  const std::string pieces[] = {"{",         "}", "[",    "]",    ",", ":",         "\"a\"",
                                "\"b\\\"\"", "1", "true", "null", " ", "{\"a\":1}", "[1,2]"};
  std::size_t accepted = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string text;
    const std::size_t length = random() % 9;
    for (std::size_t at = 0; at < length; ++at) {
      text += pieces[random() % std::size(pieces)];
    }
    const bool ours = parse(text) == ParseStatus::kOk;
    // Digits that meet ("11") are one number in both readers.
    const bool strict = nlohmann::json::accept(text);
    ASSERT_EQ(ours, strict) << text;
    accepted += ours ? 1U : 0U;
  }
  EXPECT_GT(accepted, 1'000U);
}

}  // namespace
}  // namespace tiercel::audit
