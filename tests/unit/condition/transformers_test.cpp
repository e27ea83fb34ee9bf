#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tiercel/condition/transformer.h"

namespace tiercel::condition {
namespace {

using base::Value;
using base::ValueShape;
using base::ValueType;

class Transformers : public testing::Test {
 protected:
  std::string apply(std::string_view name, std::vector<Value> arguments) {
    return print(find_transformer(name)->apply({arguments, {}}, arena_));
  }

  static std::string print(const Value& value) {
    switch (value.kind()) {
      case Value::Kind::kAbsent:
        return "absent";
      case Value::Kind::kText:
        return "'" + std::string(value.as_text()) + "'";
      case Value::Kind::kNumber:
        return std::to_string(value.as_number());
      case Value::Kind::kBoolean:
        return value.as_boolean() ? "true" : "false";
      case Value::Kind::kList:
        break;
    }
    std::string text;
    for (const std::string_view element : value.as_list()) {
      text += text.empty() ? "(" : ", ";
      text += element;
    }
    return text + ")";
  }

  base::Arena arena_;
};

// Each byte in each place among eight, in texts with and without a rest of fewer.
TEST_F(Transformers, ChangeTheCaseOfAsciiLettersAlone) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool is_upper = c >= 'A' && c <= 'Z';
    const bool is_lower = c >= 'a' && c <= 'z';
    const char lower = static_cast<char>(is_upper ? byte + 32 : byte);
    const char upper = static_cast<char>(is_lower ? byte - 32 : byte);
    for (std::size_t size = 1; size <= 18; ++size) {
      for (std::size_t at = 0; at < size; ++at) {
        const auto text = [&](char middle, char rest) {
          std::string all(size, rest);
          all[at] = middle;
          return all;
        };
        const auto changed = [&](std::string_view name, const std::string& from) {
          arena_.reset();
          const std::vector<Value> arguments{Value::text(from)};
          return std::string(find_transformer(name)->apply({arguments, {}}, arena_).as_text());
        };
        ASSERT_EQ(changed("tolower", text(c, '\x80')), text(lower, '\x80')) << byte;
        ASSERT_EQ(changed("toupper", text(c, '{')), text(upper, '{')) << byte;
        ASSERT_EQ(changed("tolower", text(c, 'Z')), text(lower, 'z')) << byte;
      }
    }
  }
}

TEST_F(Transformers, ChangeTexts) {
  struct Row {
    std::string_view name;
    std::string_view argument;
    std::string_view want;
  };
  const Row rows[] = {
      {"tolower", "CreATE-1\xC3\x89", "'create-1\xC3\x89'"},
      {"tolower", "create", "'create'"},
      {"toupper", "create", "'CREATE'"},
      {"toupper", "", "''"},
      {"basename", "/a/b", "'b'"},
      {"basename", "/a/b/", "''"},
      {"basename", "b", "'b'"},
      {"basename", "", "''"},
      {"b64", "Y3JlYXRl", "'create'"},
      {"b64", "YQ==", "'a'"},
      {"b64", "YQ", "'a'"},
      {"b64", "YWI=", "'ab'"},
      {"b64", "YWI", "'ab'"},
      {"b64", "", "''"},
      {"b64", "YQA=", "'a'"},
      {"b64", "AGE=", "''"},
      {"b64", "+/+/", "'\xFB\xFF\xBF'"},
      {"b64", "Y", "absent"},
      {"b64", "YQ=", "absent"},
      {"b64", "YQ===", "absent"},
      {"b64", "Y3Jl YXRl", "absent"},
      {"b64", "Y3J-", "absent"},
      {"b64", "YQ==YQ==", "absent"},
      {"len", "h\xC3\xA9llo", "6"},
      {"len", "", "0"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(apply(row.name, {Value::text(row.argument)}), row.want)
        << row.name << " " << row.argument;
  }
}

TEST_F(Transformers, ChangeEachElementOfALIst) {
  const std::string_view names[] = {"Ab", "c/D"};
  const std::string_view encoded[] = {"YQ==", "Yg"};
  const std::string_view broken[] = {"YQ==", "?"};
  EXPECT_EQ(apply("tolower", {Value::list(names)}), "(ab, c/d)");
  EXPECT_EQ(apply("toupper", {Value::list(names)}), "(AB, C/D)");
  EXPECT_EQ(apply("basename", {Value::list(names)}), "(Ab, D)");
  EXPECT_EQ(apply("b64", {Value::list(encoded)}), "(a, b)");
  EXPECT_EQ(apply("b64", {Value::list(broken)}), "absent");
  EXPECT_EQ(apply("len", {Value::list(names)}), "2");
  EXPECT_EQ(names[0], "Ab");
}

TEST_F(Transformers, JoinTexts) {
  const std::string_view parts[] = {"a", "", "c"};
  EXPECT_EQ(apply("join", {Value::text(", "), Value::list(parts)}), "'a, , c'");
  EXPECT_EQ(apply("join", {Value::text(""), Value::list(parts)}), "'ac'");
  EXPECT_EQ(apply("join", {Value::text("-"), Value::list({parts, 1})}), "'a'");
  EXPECT_EQ(apply("concat", {Value::text("a"), Value::text("/"), Value::text("b")}), "'a/b'");
  EXPECT_EQ(apply("concat", {Value::text(""), Value::text("")}), "''");
}

TEST_F(Transformers, FindOptions) {
  const std::string_view words[] = {"x", "-ab", "val", "-cfoo", "-z", "--", "-d"};
  const Value arguments = Value::list(words);
  EXPECT_EQ(apply("getopt", {arguments, Value::text("ab:c:d")}), "(a, b, c)");
  EXPECT_EQ(apply("getopt", {arguments, Value::text("q")}), "absent");
  const Transformer* const value = find_transformer_with_option("getopt");
  ASSERT_NE(value, nullptr);
  const std::vector<Value> both{arguments, Value::text("ab:c:d")};
  EXPECT_EQ(print(value->apply({both, "b"}, arena_)), "'val'");
  EXPECT_EQ(print(value->apply({both, "c"}, arena_)), "'foo'");
  EXPECT_EQ(print(value->apply({both, "a"}, arena_)), "''");
  EXPECT_EQ(print(value->apply({both, "d"}, arena_)), "absent");
  EXPECT_EQ(print(value->apply({both, "no"}, arena_)), "absent");
}

TEST_F(Transformers, AreAbsentForAbsentArguments) {
  for (const Transformer& transformer : transformers()) {
    for (std::size_t absent = 0; absent < transformer.min_arguments; ++absent) {
      std::vector<Value> arguments(transformer.min_arguments, Value::text("a"));
      arguments[absent] = Value::absent();
      EXPECT_TRUE(transformer.apply({arguments, "a"}, arena_).is_absent()) << transformer.name;
    }
  }
}

std::string shape(std::string_view name, std::vector<ValueShape> arguments) {
  const auto result = find_transformer(name)->shape(arguments);
  if (!result) {
    return "error: " + result.error().message;
  }
  const std::string type = result->type == ValueType::kText ? "text" : "number";
  return result->is_list ? type + " list" : type;
}

TEST_F(Transformers, TellTheShapeOfTheirResult) {
  const ValueShape text{ValueType::kText, false};
  const ValueShape list{ValueType::kText, true};
  const ValueShape number{ValueType::kUnsigned, false};
  for (const std::string_view name : {"tolower", "toupper", "b64", "basename"}) {
    EXPECT_EQ(shape(name, {text}), "text");
    EXPECT_EQ(shape(name, {list}), "text list");
    EXPECT_TRUE(shape(name, {number}).starts_with("error")) << name;
    EXPECT_TRUE(shape(name, {text, text}).starts_with("error")) << name;
  }
  EXPECT_EQ(shape("len", {text}), "number");
  EXPECT_EQ(shape("len", {list}), "number");
  EXPECT_TRUE(shape("len", {number}).starts_with("error"));
  EXPECT_TRUE(shape("len", {text, text}).starts_with("error"));
  EXPECT_EQ(shape("join", {text, list}), "text");
  EXPECT_TRUE(shape("join", {text, text}).starts_with("error"));
  EXPECT_TRUE(shape("join", {list, list}).starts_with("error"));
  EXPECT_TRUE(shape("join", {list}).starts_with("error"));
  EXPECT_EQ(shape("concat", {text, text, text}), "text");
  EXPECT_TRUE(shape("concat", {text}).starts_with("error"));
  EXPECT_TRUE(shape("concat", {text, list}).starts_with("error"));
  EXPECT_EQ(shape("getopt", {list, text}), "text list");
  EXPECT_TRUE(shape("getopt", {text, text}).starts_with("error"));
  EXPECT_EQ(find_transformer_with_option("getopt")->shape(std::vector{list, text}).value(), text);
}

TEST_F(Transformers, AreFoundByName) {
  std::string names;
  for (const Transformer& transformer : transformers()) {
    names += std::string(transformer.name) + (transformer.takes_option ? "[] " : " ");
  }
  EXPECT_EQ(names, "tolower toupper b64 basename len join concat getopt getopt[] ");
  EXPECT_EQ(find_transformer("val"), nullptr);
  EXPECT_EQ(find_transformer_with_option("len"), nullptr);
}

}  // namespace
}  // namespace tiercel::condition
