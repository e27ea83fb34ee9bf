#include "tiercel/condition/parser.h"

#include <string>

#include <gtest/gtest.h>

namespace tiercel::condition {
namespace {

struct Row {
  std::string_view text;
  std::string_view want;  // the tree's printed form
};

void expect_trees(std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    const ParseResult result = parse(row.text);
    ASSERT_NE(result.tree, nullptr) << row.text << "\n" << result.error.message;
    EXPECT_EQ(to_text(*result.tree), row.want) << row.text;
  }
}

TEST(Parser, BindsNotThenAndThenOr) {
  expect_trees({
      {"ka.verb=create or ka.verb=x and ka.verb=y",
       "or{ka.verb = create and{ka.verb = x ka.verb = y}}"},
      {"not ka.verb=x and ka.verb=create", "and{not{ka.verb = x} ka.verb = create}"},
      {"a or b or c and d", "or{a b and{c d}}"},
      {"(a or b) and c", "and{or{a b} c}"},
      {"not (a or b) and c", "and{not{or{a b}} c}"},
      {" \t\r\n\b a \n", "a"},
      {"((((a))))", "a"},
  });
}

TEST(Parser, FoldsRepeatedNot) {
  expect_trees({
      {"not not ka.verb=create", "ka.verb = create"},
      {"not not not a", "not{a}"},
      {"not not(a)", "a"},
      {"not(a)", "not{a}"},
      {"not (not a)", "not{not{a}}"},
  });
}

TEST(Parser, NeedsNoBlankBeforeParentheses) {
  expect_trees({
      {"not(ka.verb=x)and(ka.verb=create)", "and{not{ka.verb = x} ka.verb = create}"},
      {"ka.verb=create and(ka.stage=ResponseComplete)",
       "and{ka.verb = create ka.stage = ResponseComplete}"},
      {"a or(b)or(c and d)", "or{a b and{c d}}"},
      {"a and(b or c) and d", "and{a or{b c} d}"},
  });
}

TEST(Parser, ReadsKeywordsAsNamesWhereTheyAreNone) {
  expect_trees({
      {"not", "not"},
      {"a and not", "and{a not}"},
      {"android or ornament and nothing", "or{android and{ornament nothing}}"},
      {"not.x = 1", "not.x = 1"},
      {"ka.verb = and", "ka.verb = and"},
      {"ka.verb = or or ka.verb = not", "or{ka.verb = or ka.verb = not}"},
      {"existsand", "existsand"},
      {"tolower", "tolower"},
      {"val", "val"},
  });
}

TEST(Parser, NeedsNoBoundaryAfterSomeOperators) {
  expect_trees({
      {"ka.verb existsand ka.verb=create", "and{ka.verb exists ka.verb = create}"},
      {"ka.verb existsor(a)", "or{ka.verb exists a}"},
      {"ka.verb increate", "ka.verb in (create)"},
      {"ka.verb inter", "ka.verb in (ter)"},
      {"ka.verb in(create)", "ka.verb in (create)"},
      {"ka.verb intersects(create)", "ka.verb intersects (create)"},
      {"ka.verb pmatchx", "ka.verb pmatch (x)"},
      {"ka.verb=\"create\"and ka.verb=create", "and{ka.verb = create ka.verb = create}"},
      {"ka.verb==create", "ka.verb = create"},
      {"ka.verb!=create", "ka.verb != create"},
      {"ka.verb!=!x", "ka.verb != !x"},
      {"ka.x<5and a", "and{ka.x < 5 a}"},
      {"ka.x>=-5", "ka.x >= -5"},
  });
}

TEST(Parser, ReadsNumbers) {
  expect_trees({
      {"ka.x < 5", "ka.x < 5"},
      {"ka.x < +5.", "ka.x < +5."},
      {"ka.x < 5.25", "ka.x < 5.25"},
      {"ka.x < 5e+10", "ka.x < 5e+10"},
      {"ka.x > 1.5E-3", "ka.x > 1.5E-3"},
      {"ka.x <= 0x1aF", "ka.x <= 0x1aF"},
      {"ka.x >= len(ka.y)", "ka.x >= len(ka.y)"},
      {"ka.x > val( ka.y )", "ka.x > val(ka.y)"},
  });
}

TEST(Parser, ReadsValues) {
  expect_trees({
      {"ka.uri glob /api/*", "ka.uri glob /api/*"},
      {"ka.verb = a\\b", "ka.verb = a\\b"},
      {"ka.verb = [a]<b>!*/:", "ka.verb = [a]<b>!*/:"},
      {"ka.verb = h\xC3\xA9", "ka.verb = h\xC3\xA9"},
      {"ka.verb = \"\"", "ka.verb = \"\""},
      {"ka.verb = ''", "ka.verb = \"\""},
      {"ka.verb = 'a b'", "ka.verb = \"a b\""},
      {"ka.verb = 'a\nb'", "ka.verb = \"a\\x0ab\""},
      {"ka.verb = \"a,b\"", "ka.verb = \"a,b\""},
      {"ka.verb in ( a , \"b c\",'d')", "ka.verb in (a, \"b c\", d)"},
      {"ka.verb in ()", "ka.verb in ()"},
      {"ka.verb in ( )", "ka.verb in ()"},
      {"ka.verb in create", "ka.verb in (create)"},
      {"ka.verb in (5)", "ka.verb in (5)"},
  });
}

TEST(Parser, ReadsEscapes) {
  expect_trees({
      {R"(ka.x = "a\"b")", R"(ka.x = "a\"b")"},
      {R"(ka.x = 'a\'b')", "ka.x = \"a'b\""},
      {R"(ka.x = "a\\b")", R"(ka.x = a\b)"},
      {R"(ka.x = "a\x5cb")", R"(ka.x = a\b)"},
      {R"(ka.x = "a\x5C")", R"(ka.x = a\)"},
      {R"(ka.x = "\b\f\n\r\t\/")", R"(ka.x = "\x08\x0c\x0a\x0d\x09/")"},
      {R"(ka.x = "a\ b")", R"(ka.x = a\b)"},
      {R"(ka.x = "a\\" and b")", R"(ka.x = "a\\\" and b")"},
  });
}

TEST(Parser, ReadsFieldsAndArguments) {
  expect_trees({
      {"ka.uri.param[foo] = bar", "ka.uri.param[foo] = bar"},
      {"ka.uri.param[\"foo\"]=bar", "ka.uri.param[foo] = bar"},
      {"jevt.value[\"\"] exists", "jevt.value[\"\"] exists"},
      {"jevt.value[/a/b(c),=d] exists", "jevt.value[/a/b(c),=d] exists"},
      {"ka.uri.param['a b'] exists", "ka.uri.param[\"a b\"] exists"},
      {"a.b_c.d9 = 1", "a.b_c.d9 = 1"},
  });
}

TEST(Parser, ReadsModifiers) {
  expect_trees({
      {"ka.verb startswith oneof (cre, del)", "ka.verb startswith oneof (cre, del)"},
      {"ka.verb = anyof (create, delete)", "ka.verb = anyof (create, delete)"},
      {"ka.verb != allof ()", "ka.verb != allof ()"},
      {"ka.verb = anyof create", "ka.verb = anyof (create)"},
      {"ka.verb = anyof android", "ka.verb = anyof (android)"},
      {"ka.verb = oneof", "ka.verb = oneof"},
      {"ka.verb =oneof", "ka.verb = oneof"},
      {"ka.verb = oneof and a", "and{ka.verb = oneof a}"},
      {"ka.verb = oneof or a", "or{ka.verb = oneof a}"},
      {"(ka.verb = oneof )", "ka.verb = oneof"},
      {"ka.verb = oneofx", "ka.verb = oneofx"},
      {"ka.verb in oneof", "ka.verb in (oneof)"},
  });
}

TEST(Parser, ReadsTransformers) {
  expect_trees({
      {"tolower(ka.verb) = create", "tolower(ka.verb) = create"},
      {"toupper( tolower( ka.verb ) ) = CREATE", "toupper(tolower(ka.verb)) = CREATE"},
      {"b64(\"Y3JlYXRl\") = create", "b64(\"Y3JlYXRl\") = create"},
      {"concat(ka.user.name, \"/\", ka.verb) = alice/create",
       "concat(ka.user.name, \"/\", ka.verb) = alice/create"},
      {"join(\"-\", (ka.verb, ka.user.name)) = create-alice",
       "join(\"-\", (ka.verb, ka.user.name)) = create-alice"},
      {"join(\"-\", ()) exists", "join(\"-\", ()) exists"},
      {"join(\"-\", (\"a\", 5, len(ka.x))) exists", "join(\"-\", (\"a\", 5, len(ka.x))) exists"},
      {"ka.verb = tolower(ka.verb)", "ka.verb = tolower(ka.verb)"},
      {"ka.verb = tolower", "ka.verb = tolower"},
      {"ka.verb in tolower(ka.stage)", "ka.verb in tolower(ka.stage)"},
      {"ka.user.groups in val(ka.user.groups)", "ka.user.groups in val(ka.user.groups)"},
      {"ka.verb = val(ka.uri.param[a])", "ka.verb = val(ka.uri.param[a])"},
      {"getopt(ka.args, \"ab:\")[b] = x", "getopt(ka.args, \"ab:\")[b] = x"},
      {"getopt(ka.args, \"ab:\") intersects (b)", "getopt(ka.args, \"ab:\") intersects (b)"},
  });
}

TEST(Parser, KeepsPlaces) {
  const ParseResult result = parse("a and not ka.verb in (x, 'y')", 7);
  ASSERT_NE(result.tree, nullptr);
  const Expr& macro = *result.tree->operands[0];
  const Expr& negation = *result.tree->operands[1];
  const Check& check = *negation.operands[0]->check;
  EXPECT_EQ(macro.place.text, 7U);
  EXPECT_EQ(macro.place.offset, 0U);
  EXPECT_EQ(negation.place.offset, 6U);
  EXPECT_EQ(check.place.offset, 10U);
  EXPECT_EQ(check.left.place.offset, 10U);
  EXPECT_EQ(check.values[0].place.offset, 22U);
  EXPECT_EQ(check.values[1].place.offset, 25U);
  EXPECT_EQ(check.values[1].place.text, 7U);
  EXPECT_FALSE(check.values[0].quoted);
  EXPECT_TRUE(check.values[1].quoted);
}

TEST(Parser, ReadsTheLongestTermAtTheStart) {
  struct TermRow {
    std::string_view text;
    std::string_view want;
    std::size_t length;
  };
  const TermRow rows[] = {
      {"ka.verb.", "ka.verb", 7},
      {"ka.verb)", "ka.verb", 7},
      {"ka.verb", "ka.verb", 7},
      {"ka.uri.param[x] y", "ka.uri.param[x]", 15},
      {"ka.uri.param[] y", "ka.uri.param", 12},
      {"ka.uri.param[x", "ka.uri.param", 12},
      {"ka.uri.param[\"x", "ka.uri.param", 12},
      {"toupper(ka.verb)[0]", "toupper(ka.verb)", 16},
      {"toupper (ka.verb)", "", 0},
      {"toupper(ka.verb", "", 0},
      {"val(ka.verb)", "", 0},
      {"ka", "", 0},
      {"", "", 0},
      {"5", "", 0},
  };
  for (const TermRow& row : rows) {
    const TermPrefix prefix = parse_term_prefix(row.text);
    EXPECT_EQ(prefix.length, row.length) << row.text;
    EXPECT_EQ(prefix.length == 0 ? "" : to_text(prefix.term), row.want) << row.text;
  }
}

TEST(Parser, TellsTermsFromOtherTexts) {
  for (const std::string_view text : {"ka.verb", "ka.uri.param[x]", "tolower(ka.verb)"}) {
    EXPECT_TRUE(is_term(text)) << text;
  }
  for (const std::string_view text :
       {"", "ka", "ka.verb ", " ka.verb", "ka.verb = x", "val(ka.x)"}) {
    EXPECT_FALSE(is_term(text)) << text;
  }
}

std::string nested(std::size_t pairs, std::string_view inner) {
  return std::string(pairs, '(') + std::string(inner) + std::string(pairs, ')');
}

TEST(Parser, Loads198NestedParenthesesAndRefuses199) {
  for (const std::string_view inner : {"ka.verb=get", "macro", "tolower(ka.verb) = get"}) {
    EXPECT_NE(parse(nested(197, inner)).tree, nullptr) << inner;
    EXPECT_NE(parse(nested(198, inner)).tree, nullptr) << inner;
    const ParseResult result = parse(nested(199, inner));
    EXPECT_EQ(result.tree, nullptr) << inner;
    EXPECT_EQ(result.error.code, "too_deep") << inner;
    EXPECT_EQ(result.error.place.offset, 199U) << inner;
  }
}

TEST(Parser, CountsDepthNotLength) {
  std::string text = "ka.verb=get";
  for (int count = 0; count < 5000; ++count) {
    text += " and not not (ka.verb=get)";
  }
  EXPECT_NE(parse(text).tree, nullptr);
  std::string negations;
  for (int count = 0; count < 100'001; ++count) {
    negations += "not ";
  }
  const ParseResult result = parse(negations + "a");
  ASSERT_NE(result.tree, nullptr);
  EXPECT_EQ(to_text(*result.tree), "not{a}");
}

TEST(Parser, BoundsEveryKindOfNesting) {
  struct NestingRow {
    std::string_view open;
    std::string_view inner;
    std::string_view close;
  };
  const NestingRow rows[] = {
      {"(", "a", ")"},      {"not(", "a", ")"},           {"a and(", "a", ")"},
      {"a or (", "a", ")"}, {"tolower(", "ka.verb", ")"}, {"concat(\"\",", "ka.verb", ")"},
  };
  for (const NestingRow& row : rows) {
    std::string text;
    for (int count = 0; count < 100'000; ++count) {
      text += row.open;
    }
    EXPECT_EQ(parse(text).error.code, "too_deep") << row.open;
    EXPECT_EQ(parse_term_prefix(text).length, 0U) << row.open;
  }
}

}  // namespace
}  // namespace tiercel::condition
