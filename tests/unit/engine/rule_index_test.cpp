#include "rule_index.h"

#include <gtest/gtest.h>

#include "tiercel/condition/parser.h"

#include "events.h"

namespace tiercel::engine {
namespace {

std::string needs(const std::string& condition, std::string_view field = "ka.verb") {
  const auto parsed = condition::parse(condition);
  EXPECT_NE(parsed.tree, nullptr) << condition << ": " << parsed.error.message;
  const RuleIndex::Needs needs = RuleIndex::needs(*parsed.tree, field);
  if (!needs) {
    return "any";
  }
  std::string text;
  for (const std::string& value : *needs) {
    text += text.empty() ? value : "," + value;
  }
  return text;
}

TEST(RuleIndex, ConcludesWhatAConditionDemands) {
  EXPECT_EQ(needs("ka.verb = create"), "create");
  EXPECT_EQ(needs("ka.verb in (create, get)"), "create,get");
  EXPECT_EQ(needs("ka.verb = anyof (create, get)"), "create,get");
  EXPECT_EQ(needs("ka.stage = x and ka.verb in (a, b) and ka.verb in (b, c)"), "b");
  EXPECT_EQ(needs("ka.verb = a or (ka.verb = b and ka.stage = x)"), "a,b");
  EXPECT_EQ(needs("not (not ka.verb = a or ka.stage = x)"), "a") << "De Morgan";
  EXPECT_EQ(needs("ka.verb = a and not ka.verb = b"), "a");
}

TEST(RuleIndex, ConcludesNothingWhereItCannot) {
  EXPECT_EQ(needs("not ka.verb = create"), "any");
  EXPECT_EQ(needs("ka.verb != create"), "any");
  EXPECT_EQ(needs("ka.verb startswith cre"), "any");
  EXPECT_EQ(needs("ka.verb = a or ka.stage = x"), "any");
  EXPECT_EQ(needs("ka.verb = val(ka.stage)"), "any");
  EXPECT_EQ(needs("tolower(ka.verb) = create"), "any");
  EXPECT_EQ(needs("ka.verb = allof (a, b)"), "any");
  EXPECT_EQ(needs("ka.verb glob create"), "any");
}

TEST(RuleIndex, GivesASupersetOfWhatMatchesInOrder) {
  RuleIndex index;
  const std::vector<std::string> conditions{
      "ka.verb = create and ka.target.resource = pods",
      "ka.stage = ResponseStarted",
      "not ka.verb = create",
      "ka.target.resource in (pods, services) and ka.verb in (create, delete)",
  };
  for (const std::string& condition : conditions) {
    index.add(*condition::parse(condition).tree);
  }
  audit::FieldSet fields;
  index.build(fields);
  const auto candidates = [&](const std::string& event) {
    std::string text;
    audit::FieldMap map;
    const audit::FieldContext context;
    tests::for_each_event(event, [&](const audit::AuditEvent& decoded) {
      map.bind(fields, context, decoded);
      for (const std::uint32_t rule : index.candidates(map)) {
        text += std::to_string(rule);
      }
    });
    return text;
  };
  EXPECT_EQ(
      candidates(
          R"({"kind":"Event","auditID":"a","verb":"create","objectRef":{"resource":"pods"}})"),
      "023");
  EXPECT_EQ(candidates(R"({"kind":"Event","auditID":"a","verb":"get","stage":"ResponseStarted"})"),
            "12");
  EXPECT_EQ(candidates(R"({"kind":"Event"})"), "2") << "absent fields satisfy no demand";
  EXPECT_EQ(index.all_rules().size(), conditions.size());
}

TEST(RuleIndex, StaysSmallWhateverRulesName) {
  RuleIndex index;
  for (int rule = 0; rule < 3000; ++rule) {
    const std::string n = std::to_string(rule);
    index.add(*condition::parse("ka.verb = v" + n + " and ka.target.resource = r" + n +
                                " and ka.stage = s" + n)
                   .tree);
  }
  audit::FieldSet fields;
  index.build(fields);  // a full table would have 27 thousand million cells
  audit::FieldMap map;
  const audit::FieldContext context;
  std::size_t found = 0;
  tests::for_each_event(
      R"({"kind":"Event","auditID":"a","verb":"v7","stage":"s7","objectRef":{"resource":"r7"}})",
      [&](const audit::AuditEvent& event) {
        map.bind(fields, context, event);
        for (const std::uint32_t rule : index.candidates(map)) {
          found += rule == 7 ? 1U : 0U;
        }
      });
  EXPECT_EQ(found, 1U);
}

}  // namespace
}  // namespace tiercel::engine
