#include "tiercel/audit/json.h"

#include <string>

#include <gtest/gtest.h>

#include "tiercel/audit/decode.h"

namespace tiercel::audit {
namespace {

// The text of member "v" of {"v":<value>}.
std::string text_of(const std::string& value) {
  const std::string body = "{\"v\":" + value + "}";
  const std::string padded = body + std::string(kPadding, ' ');
  Document document;
  if (document.parse(std::string_view(padded).substr(0, body.size()), 100) != ParseStatus::kOk) {
    return "<no document>";
  }
  base::Arena arena;
  return std::string(Json(document, 0).member("v").text(arena));
}

TEST(Json, ValuesBecomeText) {
  EXPECT_EQ(text_of("\"a\""), "a");
  EXPECT_EQ(text_of("\"\""), "");
  EXPECT_EQ(text_of("1.50"), "1.50");
  EXPECT_EQ(text_of("-0.10E+2"), "-0.10E+2");
  EXPECT_EQ(text_of("NaN"), "NaN");
  EXPECT_EQ(text_of("true"), "true");
  EXPECT_EQ(text_of(" null "), "null");
  EXPECT_EQ(text_of("{ \"a\" : [ 1 , \"x y\" ] }"), "{\"a\":[1,\"x y\"]}");
  EXPECT_EQ(text_of(R"({"a":"\u003c"})"), R"({"a":"\u003c"})") << "raw prints are as received";
  EXPECT_EQ(text_of("[]"), "[]");
}

TEST(Json, StringsAreDecodedAndNeverAnError) {
  EXPECT_EQ(text_of(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(text_of(R"("\u00e9\u20ac")"), "é€");
  EXPECT_EQ(text_of(R"("\ud83d\ude00")"), "😀");
  EXPECT_EQ(text_of(R"("\q")"), R"(\q)");
  EXPECT_EQ(text_of(R"("\u00zz")"), R"(\u00zz)");
  EXPECT_EQ(text_of(R"("\ud83d")"), R"(\ud83d)") << "a surrogate alone stays as written";
  EXPECT_EQ(text_of(R"("\ud83dx")"), R"(\ud83dx)");
  EXPECT_EQ(text_of(R"("\ud83d\u0041")"), "\xEF\xBF\xBD") << "with an unfitting one: U+FFFD";
  EXPECT_EQ(text_of(R"("\u")"), R"(\u)");
  EXPECT_EQ(text_of(R"("a\u0000b")"), "a") << "cut at the first NUL";
  EXPECT_EQ(text_of(R"("\u0000b")"), "");
  EXPECT_EQ(text_of("\"\xff\xfe\""), "\xff\xfe");
}

TEST(Json, ComparesStringsAsIfDecoded) {
  const char* const raws[] = {
      "",          "a",      "kind",          R"(\u006bind)", R"(kin\u0064)",
      "kinds",     "Kind",   R"(k\u0069nds)", R"(\q)",        R"(\\)",
      R"(\ud83d)", "status", R"(\u0000)",     R"(kind\u0000)"};
  base::Arena arena;
  for (const std::string_view raw : raws) {
    for (const std::string_view text : {"", "a", "k", "kind", "kinds", "Kind", "status"}) {
      EXPECT_EQ(string_equals(raw, text), decode_string(raw, arena) == text) << raw << " " << text;
    }
  }
}

TEST(Json, ReadsMembersAndElements) {
  const std::string body =
      R"({"a":{"x":1},"\u0062":[10,{"y":2},[3]],"a":"second","c":"{[,\"","d":{}})";
  const std::string padded = body + std::string(kPadding, '}');
  Document document;
  ASSERT_EQ(document.parse(std::string_view(padded).substr(0, body.size()), 100), ParseStatus::kOk);
  base::Arena arena;
  const Json root(document, 0);
  EXPECT_EQ(root.member("a").member("x").text(arena), "1") << "the first duplicate counts";
  EXPECT_EQ(root.member("b").element(1).member("y").text(arena), "2") << "keys are decoded";
  EXPECT_EQ(root.member("b").element(2).element(0).text(arena), "3");
  EXPECT_EQ(root.member("c").text(arena), "{[,\"") << "brackets inside strings are text";
  EXPECT_FALSE(root.member("b").element(3).exists());
  EXPECT_FALSE(root.member("b").member("y").exists());
  EXPECT_FALSE(root.member("A").exists()) << "names are case-sensitive";
  EXPECT_FALSE(root.member("x").member("y").element(0).exists()) << "missing stays missing";
  std::string keys;
  root.for_each_member([&](std::string_view key, Json value) {
    keys += std::string(key) + (value.is_object() ? "{} " : " ");
  });
  EXPECT_EQ(keys, "a{} \\u0062 a c d{} ");
}

}  // namespace
}  // namespace tiercel::audit
