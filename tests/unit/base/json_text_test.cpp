#include "tiercel/base/json_text.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tiercel::base {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  append_json_escaped(out, text);
  return out;
}

TEST(JsonText, EscapesAsAlertsDo) {
  EXPECT_EQ(escaped("a \"q\" \\ é\n"), "a \\\"q\\\" \\\\ é\\n");
  EXPECT_EQ(escaped("\b\f\n\r\t"), "\\b\\f\\n\\r\\t");
  EXPECT_EQ(escaped(std::string_view("\x00\x1b\x1f\x7f/", 5)), "\\u0000\\u001b\\u001f\x7f/");
}

TEST(JsonText, ReplacesEachMaximalInvalidSubpartOnce) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(escaped("\xff\xfe"), bad + bad);
  EXPECT_EQ(escaped("\xC3"
                    "A"),
            bad + "A");
  EXPECT_EQ(escaped("\xE2\x82"
                    "x"),
            bad + "x")
      << "a cut sequence is one subpart";
  EXPECT_EQ(escaped("\xED\xA0\x80"), bad + bad + bad) << "surrogates are not characters";
  EXPECT_EQ(escaped("\xC0\xAF"), bad + bad) << "overlong";
  EXPECT_EQ(escaped("\xF4\x90\x80\x80"), bad + bad + bad + bad) << "beyond U+10FFFF";
  EXPECT_EQ(escaped("\xF0\x9F\x98\x80"), "\xF0\x9F\x98\x80");
}

TEST(JsonText, EveryByteStringBecomesValidJson) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) {
    all.push_back(static_cast<char>(byte));
  }
  std::string text;
  append_json_string(text, all);
  EXPECT_FALSE(nlohmann::json::parse(text, nullptr, false).is_discarded()) << text;
  EXPECT_EQ(nlohmann::json::parse(text).get<std::string>(), to_valid_utf8(all));
}

TEST(JsonText, WritesCodePoints) {
  std::string out;
  for (const char32_t code : {U'A', U'é', U'€', U'\U0001F600'}) {
    append_utf8(out, code);
  }
  EXPECT_EQ(out, "Aé€😀");
}

}  // namespace
}  // namespace tiercel::base
