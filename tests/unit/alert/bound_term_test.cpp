#include "tiercel/alert/bound_term.h"

#include <gtest/gtest.h>

#include "tiercel/condition/parser.h"

#include "alert_probe.h"

namespace tiercel::alert::tests {
namespace {

using base::ValueShape;
using base::ValueType;

condition::Term term_of(std::string_view text) {
  const condition::TermPrefix prefix = condition::parse_term_prefix(text);
  EXPECT_EQ(prefix.length, text.size()) << text;
  return prefix.term;
}

std::string problem_of(std::string_view text) {
  constexpr std::string_view kKinds[] = {"unknown", "argument", "shape", "count"};
  audit::FieldSet fields;
  TermProblem problem;
  const std::vector<std::string> names{"team"};
  if (BoundTerm::bind(term_of(text), fields, names, problem)) {
    return "bound";
  }
  EXPECT_FALSE(problem.message.empty());
  EXPECT_FALSE(problem.code.empty());
  return std::string(kKinds[static_cast<std::size_t>(problem.kind)]) + " at " +
         std::to_string(problem.place.offset) +
         (problem.nearest.empty() ? "" : ", near " + problem.nearest);
}

TEST(BoundTerm, Problems) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"ka.verb", "bound"},
      {"static.team", "bound"},
      {"ka.uri.param[x]", "bound"},
      {"tolower(concat(ka.verb, \"x\", 12))", "bound"},
      {"len(join(\"-\", (ka.verb, static.team, \"x\")))", "bound"},
      {"ka.verbs", "unknown at 0, near ka.verb"},
      {"static.teams", "unknown at 0, near static.team"},
      {"evt.num[0]", "unknown at 0, near evt.num"},
      {"ka.verb[0]", "argument at 0"},
      {"ka.uri.param", "argument at 0"},
      {"tolower(ka.verbs)", "unknown at 8, near ka.verb"},
      {"tolower(evt.num)", "shape at 0"},
      {"tolower(len(evt.is_async))", "shape at 8"},
      {"tolower(ka.verb, ka.verbs)", "count at 0"},
      {"concat(ka.verb)", "shape at 0"},
      {"concat(ka.verb, ka.user.groups)", "shape at 0"},
      {"join(\",\", (ka.verb, ka.user.groups))", "shape at 20"},
      {"join(\",\", (ka.verb, evt.num))", "shape at 20"},
      {"join(\",\", ka.verb)", "shape at 0"},
  };
  for (const auto& [text, want] : rows) {
    EXPECT_EQ(problem_of(text), want) << text;
  }
}

TEST(BoundTerm, Shapes) {
  const std::pair<std::string_view, ValueShape> rows[] = {
      {"ka.verb", {ValueType::kText, false}},
      {"ka.user.groups", {ValueType::kText, true}},
      {"toupper(ka.user.groups)", {ValueType::kText, true}},
      {"evt.rawtime", {ValueType::kTime, false}},
      {"evt.reltime", {ValueType::kDuration, false}},
      {"len(ka.verb)", {ValueType::kUnsigned, false}},
      {"join(\",\", ka.user.groups)", {ValueType::kText, false}},
  };
  for (const auto& [text, want] : rows) {
    audit::FieldSet fields;
    TermProblem problem;
    const auto bound = BoundTerm::bind(term_of(text), fields, {}, problem);
    ASSERT_TRUE(bound) << text;
    EXPECT_EQ(bound->shape(), want) << text;
  }
}

TEST(BoundTerm, FieldsAreSharedAndCollected) {
  audit::FieldSet fields;
  TermProblem problem;
  const auto call =
      BoundTerm::bind(term_of("concat(ka.verb, tolower(ka.stage), ka.verb)"), fields, {}, problem);
  const auto plain = BoundTerm::bind(term_of("ka.verb"), fields, {}, problem);
  ASSERT_TRUE(call && plain);
  EXPECT_EQ(fields.size(), 2U);
  EXPECT_FALSE(call->plain_field());
  std::vector<audit::FieldId> read;
  call->collect_fields(read);
  ASSERT_EQ(read.size(), 3U);
  EXPECT_EQ(read[0], read[2]);
  EXPECT_EQ(plain->plain_field(), read[0]);
  EXPECT_EQ(fields[read[1]].key, "ka.stage");
}

TEST(BoundTerm, Evaluates) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"concat(ka.verb, \"-\", 12)", "create-12"},
      {"join(\"\", (\"a\", ka.verb, toupper(\"b\")))", "acreateB"},
      {"basename(b64(\"YS9i\"))", "b"},
      {"toupper(ka.impuser.name)", "absent"},
      {"concat(ka.verb, ka.impuser.name)", "absent"},
      {"join(\",\", (ka.verb, ka.impuser.name))", "absent"},
      {"join(\",\", ())", "absent"},
  };
  for (const auto& [text, want] : rows) {
    audit::FieldSet fields;
    TermProblem problem;
    const auto bound = BoundTerm::bind(term_of(text), fields, {}, problem);
    ASSERT_TRUE(bound) << text << ": " << problem.message;
    with_event(e0(), [&, expected = want](const audit::AuditEvent& event) {
      audit::FieldMap map;
      const audit::FieldContext context;
      map.bind(fields, context, event);
      const base::Value value = bound->evaluate(map);
      EXPECT_EQ(value.is_text() ? value.as_text() : "absent", expected);
    });
  }
}

}  // namespace
}  // namespace tiercel::alert::tests
