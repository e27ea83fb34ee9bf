#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tiercel/condition/operator.h"
#include "tiercel/condition/parser.h"

namespace tiercel::condition {
namespace {

using base::Value;
using base::ValueShape;
using base::ValueType;

ValueShape shape_of(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNumber:
      return {ValueType::kUnsigned, false};
    case Value::Kind::kBoolean:
      return {ValueType::kBoolean, false};
    case Value::Kind::kList:
      return {ValueType::kText, true};
    case Value::Kind::kAbsent:
    case Value::Kind::kText:
      break;
  }
  return {ValueType::kText, false};
}

// What a check ("= create", "in (a, b)") says of a value: prepared and plain meaning
// must agree.
std::string answer(std::string_view test, const Value& left, ValueShape shape) {
  const ParseResult parsed = parse("ka.field " + std::string(test));
  if (parsed.tree == nullptr) {
    return parsed.error.message;
  }
  const Check& check = *parsed.tree->check;
  const std::string refusal = check_shape(*check.op, check.modifier, shape);
  if (!refusal.empty()) {
    return refusal;
  }
  std::vector<std::string> values;
  for (const Constant& constant : check.values) {
    values.push_back(constant.text);
  }
  const auto matcher = prepare(*check.op, check.modifier, values, shape);
  if (!matcher) {
    return matcher.error().message;
  }
  const bool holds = (*matcher)->matches(left);
  EXPECT_EQ(naive_matches(*check.op, check.modifier, left, values), holds) << test;
  return holds ? "match" : "no match";
}

std::string answer(std::string_view test, const Value& left) {
  return answer(test, left, shape_of(left));
}

struct Row {
  std::string_view left;
  std::string_view test;
  std::string_view want;
};

void expect_text_answers(std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    EXPECT_EQ(answer(row.test, Value::text(row.left)), row.want) << row.left << " " << row.test;
  }
}

TEST(Operators, CompareTexts) {
  expect_text_answers({
      {"create", "= create", "match"},
      {"create", "= Create", "no match"},
      {"create", "== create", "match"},
      {"create", "= cre*", "no match"},
      {"create", "!= create", "no match"},
      {"create", "!= delete", "match"},
      {"", "= \"\"", "match"},
      {"", "exists", "match"},
      {"201", "= 201.0", "no match"},
      {"201", "= 0201", "no match"},
      {"null", "= null", "match"},
      {"<NA>", "= \"<NA>\"", "match"},
      {"create", "= and", "no match"},
      {"create", "= ka.verb", "no match"},
      {"a*b", "= a*b", "match"},
  });
}

TEST(Operators, OrderTextsByTheirBytes) {
  expect_text_answers({
      {"201", "> 200", "match"},
      {"201", "> 30", "no match"},
      {"403", ">= 400", "match"},
      {"201", "> 1000", "match"},
      {"create", "> 1", "match"},
      {"201", "< 201", "no match"},
      {"201", "<= 201", "match"},
      {"20", "< 201", "match"},
      {"", "< 0", "match"},
      {"\xFF", "> 9", "match"},
      {"5", "< 5.0", "match"},
      {"0x1", "<= 0x1", "match"},
  });
}

TEST(Operators, SearchTexts) {
  expect_text_answers({
      {"create", "contains REA", "no match"},
      {"create", "icontains REA", "match"},
      {"CREATE", "icontains rea", "match"},
      {"create", "contains \"\"", "match"},
      {"", "contains \"\"", "match"},
      {"", "icontains x", "no match"},
      {"create", "startswith cre", "match"},
      {"create", "startswith \"\"", "match"},
      {"create", "startswith reate", "no match"},
      {"create", "endswith ate", "match"},
      {"create", "endswith \"\"", "match"},
      {"ate", "endswith create", "no match"},
      {"create", "glob \"c*e\"", "match"},
      {"create", "iglob C*", "match"},
      {"create", "glob C*", "no match"},
  });
}

TEST(Operators, MatchRegularExpressions) {
  expect_text_answers({
      {"create", "regex cre", "no match"},
      {"create", "regex \"cre.*\"", "match"},
      {"create", "regex \"[[:alpha:]]+\"", "match"},
      {"create", "regex \"\"", "no match"},
      {"", "regex \"\"", "match"},
      {"h\xC3\xA9llo", "regex \"h.llo\"", "match"},
      {"h\xE9llo", "regex \"h.llo\"", "match"},
      {"h\xE9llo", "regex \"h\xEF\xBF\xBDllo\"", "match"},
      {"h\xF0\x9F\x98llo", "regex \"h.llo\"", "match"},
      {"h\xED\xA0\x80llo", "regex \"h...llo\"", "match"},
      {"0123456789\xFF", "regex \"[0-9]{10}.\"", "match"},
      {"x\ny", "regex \"x.y\"", "no match"},
      {"x\ny", "regex \"x\\n^y$\"", "match"},
      {"ab", "regex \"a|ab\"", "match"},
      {"create", "regex \"^create$\"", "match"},
      {"a.b", "regex \"a\\\\.b\"", "match"},
  });
}

TEST(Operators, RefuseRegularExpressionsOfPerl) {
  struct BadRow {
    std::string_view pattern;
    std::string_view hint;
  };
  const BadRow rows[] = {
      {"(?i)CREATE", "tolower()"},    {"\\\\w+", "[[:alnum:]_]"}, {"\\\\d", "[0-9]"},
      {"(?:create)", "plain groups"}, {"create\\\\b", "invalid"}, {"ge[t", "missing ]"},
      {"a{1001}", "repetition"},      {"a\xFF", "UTF-8"},         {"(a", "missing"},
      {"a\\\\1", "invalid"},          {"*", "invalid"},
  };
  for (const BadRow& row : rows) {
    const std::string said =
        answer("regex \"" + std::string(row.pattern) + "\"", Value::text("create"));
    EXPECT_NE(said.find("invalid regular expression"), std::string::npos) << row.pattern << said;
    EXPECT_NE(said.find(row.hint), std::string::npos) << row.pattern << ": " << said;
  }
}

TEST(Operators, LookUpTexts) {
  expect_text_answers({
      {"create", "in create", "match"},
      {"create", "in (delete, create)", "match"},
      {"create", "in (delete, creat)", "no match"},
      {"create", "intersects (create)", "match"},
      {"create", "in ()", "no match"},
      {"create", "intersects ()", "no match"},
      {"", "in (\"\")", "match"},
      {"k", "in (a, b, c, d, e, f, g, h, i, j, k, l, m)", "match"},
      {"z", "in (a, b, c, d, e, f, g, h, i, j, k, l, m)", "no match"},
      {"/api/v1", "pmatch (/api)", "match"},
      {"/api/v1", "pmatch (/api/v)", "no match"},
      {"/api/v1", "pmatch (api)", "match"},
      {"/api/v1", "pmatch (/)", "match"},
      {"/api/v1", "pmatch (x, /*/v?)", "match"},
      {"/api/v1", "pmatch ()", "no match"},
  });
}

TEST(Operators, CombineValuesByModifiers) {
  expect_text_answers({
      {"create", "startswith oneof (cre, del)", "match"},
      {"create", "startswith oneof (cre, crea)", "no match"},
      {"create", "startswith oneof (a, b)", "no match"},
      {"create", "startswith anyof (cre, crea)", "match"},
      {"create", "startswith allof (cre, crea)", "match"},
      {"create", "startswith allof (cre, del)", "no match"},
      {"create", "= anyof (create, delete)", "match"},
      {"create", "= oneof (create, create)", "no match"},
      {"create", "!= allof (a, b)", "match"},
      {"create", "!= allof (a, create)", "no match"},
      {"create", "!= anyof (a, create)", "match"},
      {"create", "!= anyof (create, create)", "no match"},
      {"create", "= anyof ()", "no match"},
      {"create", "= oneof ()", "no match"},
      {"create", "!= allof ()", "no match"},
      {"create", "= oneof", "no match"},
      {"create", "= anyof create", "match"},
      {"create", "regex anyof (x, c.*)", "match"},
      {"create", "glob oneof (c*, *e)", "no match"},
  });
}

TEST(Operators, TreatNumbersAsNumbers) {
  const auto number = [](std::uint64_t n, std::string_view test) {
    return answer(test, Value::number(n));
  };
  EXPECT_EQ(number(1, "= 1"), "match");
  EXPECT_EQ(number(1, "= +01"), "match");
  EXPECT_EQ(number(1, "= \"1\""), "match");
  EXPECT_EQ(number(1, "= -1"), "no match");
  EXPECT_EQ(number(18446744073709551615U, "= -1"), "match");
  EXPECT_EQ(number(1, "!= 2"), "match");
  EXPECT_EQ(number(201, "> 30"), "match");
  EXPECT_EQ(number(201, "> 1000"), "no match");
  EXPECT_EQ(number(201, "<= 201"), "match");
  EXPECT_EQ(number(3, "in (1, 2, 3)"), "match");
  EXPECT_EQ(number(4, "in (1, 2, 3)"), "no match");
  EXPECT_EQ(number(4, "intersects (4)"), "match");
  EXPECT_EQ(number(4, "in ()"), "no match");
  EXPECT_EQ(number(0, "exists"), "match");
  for (const std::string_view bad : {"= 0x1", "= 1.5", "= abc", "= \"\"", "> 1.5", "> 0x1",
                                     "< 1e+3", "in (1, x)", "= 18446744073709551616"}) {
    EXPECT_NE(number(1, bad).find("no whole decimal number"), std::string::npos) << bad;
  }
}

TEST(Operators, TreatBooleansAsBooleans) {
  EXPECT_EQ(answer("= false", Value::boolean(false)), "match");
  EXPECT_EQ(answer("= true", Value::boolean(false)), "no match");
  EXPECT_EQ(answer("!= true", Value::boolean(false)), "match");
  EXPECT_EQ(answer("!= false", Value::boolean(false)), "no match");
  EXPECT_EQ(answer("in (true, false)", Value::boolean(false)), "match");
  EXPECT_EQ(answer("intersects (true)", Value::boolean(false)), "no match");
  EXPECT_EQ(answer("exists", Value::boolean(false)), "match");
  for (const std::string_view bad : {"= 0", "= True", "!= \"\"", "in (true, 1)"}) {
    EXPECT_NE(answer(bad, Value::boolean(true)).find("neither `true` nor `false`"),
              std::string::npos)
        << bad;
  }
}

TEST(Operators, TreatListsAsSets) {
  const std::string_view two[] = {"nginx:1", "redis:2"};
  const Value list = Value::list(two);
  EXPECT_EQ(answer("exists", list), "match");
  EXPECT_EQ(answer("in (nginx:1)", list), "no match");
  EXPECT_EQ(answer("in (nginx:1, redis:2, other)", list), "match");
  EXPECT_EQ(answer("intersects (nginx:1)", list), "match");
  EXPECT_EQ(answer("intersects (other)", list), "no match");
  EXPECT_EQ(answer("in ()", list), "no match");
  EXPECT_EQ(answer("intersects ()", list), "no match");
  EXPECT_EQ(answer("in (a, b, c, d, e, f, g, nginx:1, redis:2)", list), "match");
}

TEST(Operators, AreFalseForAbsentValues) {
  for (const Operator& op : operators()) {
    for (const Modifier modifier :
         {Modifier::kNone, Modifier::kOneOf, Modifier::kAnyOf, Modifier::kAllOf}) {
      for (const ValueShape shape :
           {ValueShape{ValueType::kText, false}, ValueShape{ValueType::kUnsigned, false},
            ValueShape{ValueType::kText, true}}) {
        if (!check_shape(op, modifier, shape).empty()) {
          continue;
        }
        const std::vector<std::string> values{"1"};
        const auto matcher = prepare(op, modifier, values, shape);
        ASSERT_TRUE(matcher.has_value()) << op.name;
        EXPECT_FALSE((*matcher)->matches(Value::absent())) << op.name;
        EXPECT_FALSE(naive_matches(op, modifier, Value::absent(), values)) << op.name;
        EXPECT_FALSE(compare(op, Value::absent(), Value::text("1"))) << op.name;
        EXPECT_FALSE(compare(op, Value::text("1"), Value::absent())) << op.name;
      }
    }
  }
}

TEST(Operators, FitTheTypesThatFalcoAllows) {
  struct TypeRow {
    std::string_view op;
    std::string_view fits;  // text, number, boolean, list: y or n
  };
  const TypeRow rows[] = {
      {"exists", "yyyy"},      {"=", "yyyn"},         {"==", "yyyn"},         {"!=", "yyyn"},
      {"<", "yynn"},           {"<=", "yynn"},        {">", "yynn"},          {">=", "yynn"},
      {"contains", "ynnn"},    {"icontains", "ynnn"}, {"startswith", "ynnn"}, {"endswith", "ynnn"},
      {"glob", "ynnn"},        {"iglob", "ynnn"},     {"regex", "ynnn"},      {"bcontains", "nnnn"},
      {"bstartswith", "nnnn"}, {"in", "yyyy"},        {"intersects", "yyyy"}, {"pmatch", "ynnn"},
  };
  const ValueShape shapes[] = {{ValueType::kText, false},
                               {ValueType::kUnsigned, false},
                               {ValueType::kBoolean, false},
                               {ValueType::kText, true}};
  EXPECT_EQ(std::size(rows), operators().size());
  for (const TypeRow& row : rows) {
    const Operator* const op = find_operator(row.op);
    ASSERT_NE(op, nullptr) << row.op;
    std::string fits;
    for (const ValueShape shape : shapes) {
      const std::string refusal = check_shape(*op, Modifier::kNone, shape);
      fits += refusal.empty() ? 'y' : 'n';
      EXPECT_TRUE(refusal.empty() || refusal.find(row.op) != std::string::npos) << refusal;
    }
    EXPECT_EQ(fits, row.fits) << row.op;
  }
  for (const ValueType type : {ValueType::kTime, ValueType::kDuration}) {
    EXPECT_EQ(check_shape(*find_operator("<"), Modifier::kNone, {type, false}), "");
  }
}

TEST(Operators, TakeModifiersOnTextsOnly) {
  const ValueShape text{ValueType::kText, false};
  for (const std::string_view name : {"=", "==", "!=", "glob", "iglob", "contains", "icontains",
                                      "startswith", "endswith", "regex"}) {
    EXPECT_EQ(check_shape(*find_operator(name), Modifier::kAnyOf, text), "") << name;
  }
  EXPECT_NE(check_shape(*find_operator("in"), Modifier::kAnyOf, text), "");
  EXPECT_NE(check_shape(*find_operator("<"), Modifier::kAnyOf, text), "");
  EXPECT_NE(check_shape(*find_operator("="), Modifier::kAnyOf, {ValueType::kUnsigned, false}), "");
  EXPECT_NE(check_shape(*find_operator("="), Modifier::kAnyOf, {ValueType::kText, true}), "");
}

TEST(Operators, StandInTheOrderInWhichTheyAreTried) {
  std::string names;
  for (const Operator& op : operators()) {
    names += names.empty() ? "" : " ";
    names += op.name;
    // An operator must not hide a longer one that stands after it.
    for (const Operator* later = &op + 1; later != operators().data() + operators().size();
         ++later) {
      EXPECT_FALSE(later->name.starts_with(op.name)) << op.name << " hides " << later->name;
    }
  }
  EXPECT_EQ(names,
            "exists <= < >= > == = != glob iglob contains icontains bcontains startswith "
            "bstartswith endswith regex intersects in pmatch");
  EXPECT_EQ(find_operator("nosuch"), nullptr);
}

TEST(Operators, CompareTwoValuesOfAnEvent) {
  const auto holds = [](std::string_view op, const Value& left, const Value& right) {
    return compare(*find_operator(op), left, right);
  };
  const std::string_view groups[] = {"a", "b"};
  const std::string_view more[] = {"c", "b", "a"};
  EXPECT_TRUE(holds("=", Value::text("x"), Value::text("x")));
  EXPECT_FALSE(holds("!=", Value::text("x"), Value::text("x")));
  EXPECT_TRUE(holds("startswith", Value::text("xyz"), Value::text("xy")));
  EXPECT_TRUE(holds("icontains", Value::text("xYz"), Value::text("Y")));
  EXPECT_TRUE(holds("glob", Value::text("xyz"), Value::text("x*")));
  EXPECT_TRUE(holds("in", Value::text("x"), Value::text("x")));
  EXPECT_TRUE(holds("<", Value::text("a"), Value::text("b")));
  EXPECT_TRUE(holds("<", Value::number(9), Value::number(10)));
  EXPECT_TRUE(holds("=", Value::number(18446744073709551615U), Value::number(~0ULL)));
  EXPECT_TRUE(holds("=", Value::boolean(true), Value::boolean(true)));
  EXPECT_FALSE(holds("=", Value::boolean(true), Value::boolean(false)));
  EXPECT_TRUE(holds("in", Value::list(groups), Value::list(more)));
  EXPECT_FALSE(holds("in", Value::list(more), Value::list(groups)));
  EXPECT_TRUE(holds("intersects", Value::list(more), Value::list(groups)));
  EXPECT_FALSE(holds("intersects", Value::list(more), Value::list({groups, 0})));
  EXPECT_FALSE(holds("in", Value::text("a"), Value::list(groups)));
  EXPECT_FALSE(holds("=", Value::text("1"), Value::number(1)));
  const std::string stars(1025, '*');
  EXPECT_FALSE(holds("glob", Value::text("x"), Value::text(stars)));
}

TEST(Operators, SayWhyARightSideDoesNotFit) {
  const ValueShape text{ValueType::kText, false};
  const ValueShape list{ValueType::kText, true};
  EXPECT_EQ(check_term(*find_operator("="), text, text), "");
  EXPECT_EQ(check_term(*find_operator("in"), list, list), "");
  EXPECT_EQ(check_term(*find_operator("in"), text, list), "a text cannot be compared with a list");
  EXPECT_NE(
      check_term(*find_operator("="), {ValueType::kTime, false}, {ValueType::kUnsigned, false}),
      "");
  EXPECT_NE(check_term(*find_operator("pmatch"), text, text), "");
  EXPECT_NE(check_term(*find_operator("regex"), text, text), "");
}

}  // namespace
}  // namespace tiercel::condition
