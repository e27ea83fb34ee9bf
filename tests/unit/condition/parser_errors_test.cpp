#include <string>

#include <gtest/gtest.h>

#include "tiercel/condition/parser.h"

namespace tiercel::condition {
namespace {

struct Row {
  std::string_view text;
  std::size_t offset;        // where the caret goes
  std::string_view message;  // a part of it
};

void expect_errors(std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    const ParseResult result = parse(row.text, 3);
    ASSERT_EQ(result.tree, nullptr) << row.text;
    EXPECT_EQ(result.error.code, "syntax") << row.text;
    EXPECT_EQ(result.error.place.text, 3U) << row.text;
    EXPECT_EQ(result.error.place.offset, row.offset) << row.text << "\n" << result.error.message;
    EXPECT_NE(result.error.message.find(row.message), std::string::npos) << row.text << "\n"
                                                                         << result.error.message;
  }
}

TEST(ParserErrors, NameWhatIsMissing) {
  expect_errors({
      {"", 0, "the condition is empty"},
      {"  \n", 3, "the condition is empty"},
      {"()", 1, "the parentheses are empty"},
      {"(ka.verb=get", 12, "the `(` at byte 0 is not closed"},
      {"ka.verb=get)", 11, "this `)` closes nothing"},
      {"ka.verb = ", 10, "expected a value after `=`, found the end of the condition"},
      {"ka.verb", 7, "expected an operator"},
      {"ka.verb = get and", 17, "nothing follows `and`"},
      {"ka.verb = get or ", 17, "found the end of the condition"},
      {"ka.verb = get andx", 14, "expected a blank or `(` after `and`, found `x`"},
      {"= get", 0, "expected a field, a macro name, `not` or `(`, found `=`"},
      {"not = x", 4, "found `=`"},
      {"1 = 1", 0, "a constant may stand only right of an operator"},
      {"\"a\" = 1", 0, "a constant may stand only right of an operator"},
      {"ka.verb exists exists", 15, "found `exists`"},
      {"a b", 2, "a name alone is a macro"},
      {"ka.verb=get or or ka.verb=list", 18, "a check is missing before `or`"},
      {"ka.verb=x\vand a", 9, "found a vertical tab"},
      {std::string_view("ka.verb=\0x", 10), 8, "NUL"},
  });
}

TEST(ParserErrors, HintAtKeywordsOfOtherLanguages) {
  expect_errors({
      {"ka.verb=create AND ka.verb=create", 15, "write `and`"},
      {"ka.verb=create Or ka.verb=create", 15, "write `or`"},
      {"ka.verb=\"create\"AND ka.verb=create", 16, "write `and`"},
      {"NOT ka.verb=x", 0, "write `not`"},
      {"ka.verb=get && ka.verb=list", 12, "write `and` instead of `&&`"},
      {"ka.verb=get || ka.verb=list", 12, "write `or` instead of `||`"},
      {"(ka.verb=get AND a)", 13, "write `and`"},
      {"ka.verb <> get", 9, "write `!=` instead of `<>`"},
      {"ka.verb === get", 10, "the operator is `=` or `==`"},
  });
}

TEST(ParserErrors, HintAtMissingQuotes) {
  expect_errors({
      {"ka.target.name = a b", 19, "must stand in quotes: \"a b\""},
      {"ka.target.name = a,b", 18, "must stand in quotes: \"a,b\""},
      {"ka.target.name = a=b", 18, "must stand in quotes: \"a=b\""},
      {"ka.uri=/api?x=1", 13, "\"/api?x=1\""},
      {"ka.target.name = a ka.verb = b", 19, "joined by `and` or `or`"},
      {"ka.verb = (create)", 10, "anyof (…)"},
      {"ka.verb contains (get)", 17, "contains anyof (…)"},
      {"ka.verb = \"a\"b\"", 13, "found `b`"},
      {"ka.verb = a\"b\"", 11, "must stand in the other quotes"},
  });
}

TEST(ParserErrors, HintInLists) {
  expect_errors({
      {"ka.verb in 5", 11, "write `in (5)`"},
      {"ka.verb in \"x\"", 11, "write `in (\"x\")`"},
      {"ka.verb in kube-system", 15, "(kube-system)"},
      {"ka.verb in", 10, "expected `(` after `in`"},
      {"ka.verb in (create,)", 19, "the last comma must go"},
      {"ka.verb in (,create)", 12, "expected a value or `)`"},
      {"ka.verb in (a,,b)", 14, "the empty text is written"},
      {"ka.verb in (create x)", 19, "expected `,` or `)`, found `x`"},
      {"ka.verb in (create", 18, "the `(` at byte 11 is not closed"},
      {"ka.verb in (tolower(ka.verb))", 19, "a list holds constants only"},
      {"ka.verb in anyof (create)", 17, "list operators take no modifier"},
      {"ka.verb = anyof(create)", 15, "a blank must stand before and after `anyof`"},
      {"ka.verb =anyof (create)", 15, "a blank must stand before and after `anyof`"},
      {"ka.verb oneof (get, list)", 8, "a modifier stands after an operator"},
  });
}

TEST(ParserErrors, HintAtOperators) {
  expect_errors({
      {"ka.verb startswith(cre)", 18, "expected a blank after `startswith`"},
      {"ka.verb starswith cre", 8, "did you mean `startswith`?"},
      {"ka.verb containsx", 16, "expected a blank after `contains`"},
      {"ka.verb: x", 7, "write `=`"},
      {"ka.x > abc", 7, "expected a number, val(field) or a transformer after `>`, found `abc`"},
      {"ka.x > \"5\"", 7, "a number must stand without quotes"},
      {"ka.x >= 32s", 10, "`32s` is no number"},
      {"ka.x > anyof (1)", 7, "expected a number"},
      {"a or(b) and c", 8, "write `or (`"},
  });
}

TEST(ParserErrors, HintAtTransformers) {
  expect_errors({
      {"tolower (ka.verb) = create", 8, "no blank may stand between `tolower` and `(`"},
      {"ka.verb = tolower (ka.verb)", 18, "no blank may stand between `tolower` and `(`"},
      {"ka.verb = val (ka.verb)", 14, "no blank may stand between `val` and `(`"},
      {"nosuch(ka.verb) = get", 6, "`nosuch` is no transformer"},
      {"tolowr(ka.verb) = get", 6, "did you mean `tolower`?"},
      {"val(ka.verb) = create", 3, "only right of an operator"},
      {"ka.verb = val(tolower(ka.verb))", 14, "expected a field inside val()"},
      {"ka.verb = val(ka.verb", 21, "expected `)`"},
      {"tolower() = x", 8, "expected a field, a transformer"},
      {"tolower(ka.verb = x", 16, "expected `,` or `)` in the call of `tolower`"},
      {"tolower(create) = x", 8, "a constant must stand in quotes here"},
      {"join(\",\", ((ka.a))) = x", 11, "lists cannot be nested"},
      {"tolower(ka.verb)[0] = x", 16, "a transformer takes no argument"},
  });
}

TEST(ParserErrors, PointIntoQuotedTexts) {
  expect_errors({
      {"ka.verb = \"abc", 10, "not closed"},
      {R"(ka.x endswith "b\\")", 14, "\\x5c"},
      {R"(ka.x = "a\qb")", 9, "`\\q` is no escape"},
      {R"(ka.x = 'a\"b')", 9, "is no escape"},
      {R"(ka.x = "a\*b")", 9, "is no escape"},
      {R"(ka.x = "\u0041")", 8, "is no escape"},
      {R"(ka.x = "a\x4")", 9, "is no escape"},
      {R"(ka.x = "a\x4g")", 9, "is no escape"},
      {R"(ka.x = "a\x00b")", 9, "NUL"},
  });
}

TEST(ParserErrors, PointIntoArguments) {
  expect_errors({
      {"ka.uri.param[]=500", 13, "the empty argument is written"},
      {"ka.uri.param[ foo ] = bar", 13, "no blank may stand there"},
      {"ka.uri.param[foo ] = bar", 16, "no blank may stand there"},
      {"ka.uri.param[a[b] = bar", 14, "expected `]` after the argument"},
      {"ka.uri.param [foo] = bar", 13, "no blank may stand before the `[`"},
      {"ka.uri.param[\"foo] = bar", 13, "not closed"},
  });
}

}  // namespace
}  // namespace tiercel::condition
