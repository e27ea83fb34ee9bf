#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "field_cases.h"
#include "field_probe.h"

namespace tiercel::audit::tests {
namespace {

FieldContext test_context() {
  FieldContext context;
  context.hostname = "h1";
  context.static_fields = {{"site", "north"}, {"empty", ""}};
  context.zone = LocalZone(std::chrono::seconds(0));
  return context;
}

TEST(Fields, AnswerAsObserved) {
  for (const FieldCase& row : observed_field_cases()) {
    EXPECT_EQ(probe(row.field, row.event), row.want) << row.id << ' ' << row.field;
  }
}

TEST(Fields, KeepTheRulesInTheirCorners) {
  const FieldContext context = test_context();
  for (const FieldCase& row : further_field_cases()) {
    EXPECT_EQ(probe(row.field, row.event, context), row.want)
        << row.id << ' ' << row.field << ' ' << row.event;
  }
}

TEST(Fields, ReadEverythingOfAPod) {
  const std::string event =
      R"({"auditID":"a","requestObject":{"spec":)" + std::string(rich_pod_spec()) + "}}";
  for (const FieldCase& row : pod_cases()) {
    EXPECT_EQ(probe(std::string("ka.req.pod.") + row.field, event), row.want) << row.id;
  }
}

TEST(Fields, AreDescribedWhollyAndOnce) {
  std::set<std::string_view> names;
  for (const Field& field : fields()) {
    SCOPED_TRACE(field.name);
    EXPECT_TRUE(names.insert(field.name).second) << "twice";
    EXPECT_EQ(find_field(field.name), &field);
    EXPECT_TRUE(field.doc.ends_with('.'));
    EXPECT_TRUE(field.doc.size() > 20 && field.doc[0] >= 'A' && field.doc[0] <= 'Z');
    EXPECT_EQ(field.doc.find('@'), std::string_view::npos);
    EXPECT_FALSE(field.since.empty());
    EXPECT_EQ(field.ours, field.since.starts_with("tiercel"));
    EXPECT_NE(field.extract, nullptr);
    EXPECT_TRUE(field.arg != FieldArg::kKey || field.arg_required);
  }
  EXPECT_EQ(find_field("ka.verb.x"), nullptr);
  EXPECT_EQ(find_field("KA.VERB"), nullptr);
}

// The plugin has 100 fields; json and jevt have three each.
TEST(Fields, AreAllThatFalcoHas) {
  const auto count = [](std::string_view prefix, bool ours) {
    const auto rows = fields();
    return std::count_if(rows.begin(), rows.end(), [&](const Field& field) {
      return field.name.starts_with(prefix) && field.ours == ours;
    });
  };
  EXPECT_EQ(count("ka.", false), 100);
  EXPECT_EQ(count("ka.req.pod.", false), 54);
  EXPECT_EQ(count("ka.workload.", true), 55);
  EXPECT_EQ(count("jevt.", false), 3);
  EXPECT_EQ(count("json.", false), 3);
  EXPECT_EQ(count("evt.", false), 18);
}

TEST(Fields, HaveTheTypesOfFalco) {
  const auto type = [](std::string_view name) { return find_field(name)->shape; };
  using base::ValueShape;
  using base::ValueType;
  EXPECT_EQ(type("evt.num"), (ValueShape{ValueType::kUnsigned, false}));
  EXPECT_EQ(type("evt.rawtime.s"), (ValueShape{ValueType::kTime, false}));
  EXPECT_EQ(type("evt.reltime.ns"), (ValueShape{ValueType::kDuration, false}));
  EXPECT_EQ(type("evt.is_async"), (ValueShape{ValueType::kBoolean, false}));
  EXPECT_EQ(type("ka.response.code"), (ValueShape{ValueType::kText, false}));
  EXPECT_EQ(type("ka.user.groups"), (ValueShape{ValueType::kText, true}));
  for (const Field& field : fields()) {
    const bool text_of_evt = field.field_class == "evt" && field.shape.type == ValueType::kText;
    EXPECT_EQ(field.clean_text, text_of_evt) << field.name;
  }
}

TEST(Fields, CountTheDaysAsTheCalendarDoes) {
  FieldContext context = test_context();
  const auto at = [&](const char* time) {
    return probe("evt.datetime.s",
                 std::string(R"({"kind":"Event","stageTimestamp":")") + time + "\"}", context);
  };
  EXPECT_EQ(at("2024-02-29T23:59:59Z"), "\"2024-02-29 23:59:59\"");
  context.zone = LocalZone(std::chrono::hours(2));
  EXPECT_EQ(at("2024-02-29T23:59:59Z"), "\"2024-03-01 01:59:59\"");
  context.zone = LocalZone(std::chrono::minutes(-210));
  EXPECT_EQ(at("2024-03-01T00:00:00Z"), "\"2024-02-29 20:30:00\"");
  EXPECT_EQ(at("1970-01-01T00:00:00Z"), "\"1969-12-31 20:30:00\"");
}

TEST(Fields, ShowTheNumberThatTheEventWasGiven) {
  with_event(R"({"kind":"Event"})", [](const AuditEvent& event) {
    AuditEvent numbered = event;
    numbered.set_number(7);
    EXPECT_EQ(probe(field_ref("evt.num"), numbered), "7");
  });
}

TEST(Fields, WrapTheTimeOfAnOlderEvent) {
  FieldContext context = test_context();
  context.first_event_time = 1'000'000'005;
  const std::string event = R"({"kind":"Event","stageTimestamp":"1970-01-01T00:00:01Z"})";
  EXPECT_EQ(probe("evt.reltime", event, context), "18446744073709551611");
  EXPECT_EQ(probe("evt.reltime.s", event, context), "18446744073");
  EXPECT_EQ(probe("evt.reltime.ns", event, context), "709551611");
  EXPECT_EQ(find_field("evt.reltime")->json, FieldJson::kSigned);
}

FieldRef any_reference(const Field& field) {
  FieldRef reference;
  reference.field = &field;
  if (field.arg == FieldArg::kKey) {
    reference = *resolve_field(field.name, "/user", false);
  }
  return reference;
}

// What base::Value promises, kept by every field on every odd event that was recorded.
TEST(Fields, NeverHoldNulOrAnEmptyList) {
  std::size_t values = 0;
  base::Arena arena;
  const FieldContext context = test_context();
  for (const char* file :
       {"raw/odd_shapes.jsonl", "raw/invalid_utf8_event.jsonl",
        "scenarios/k02_unicode_long_names.jsonl", "scenarios/b08_pod_multi_security.jsonl"}) {
    for (const std::string& line : data_lines(file)) {
      with_event(line, [&](const AuditEvent& event) {
        for (const Field& field : fields()) {
          const FieldRef reference = any_reference(field);
          arena.reset();
          const base::Value value = field.extract({event, reference.argument, context}, arena);
          values += value.is_absent() ? 0U : 1U;
          EXPECT_TRUE(value.is_absent() || value.is_list() == field.shape.is_list) << field.name;
          if (value.is_text()) {
            EXPECT_EQ(value.as_text().find('\0'), std::string_view::npos) << field.name;
          }
          if (value.is_list()) {
            EXPECT_FALSE(value.as_list().empty()) << field.name;
            for (const std::string_view element : value.as_list()) {
              EXPECT_EQ(element.find('\0'), std::string_view::npos) << field.name;
            }
          }
        }
      });
    }
  }
  EXPECT_GT(values, 500U);
}

TEST(Fields, RefuseToIndentWithoutLimit) {
  // 400 arrays deep a line takes 800 blanks: two hundred thousand of them are too many.
  std::string event = R"({"kind":"Event","a":)" + std::string(400, '[') + "0";
  for (int element = 0; element < 200'000; ++element) {
    event += ",0";
  }
  event += std::string(400, ']') + "}";
  EXPECT_EQ(probe("jevt.obj", event), "absent");
}

TEST(Fields, OpenArraysAsDeepAsADocumentMayBe) {
  const std::string event = R"({"auditID":"a","requestObject":{"spec":{"containers":)" +
                            std::string(500, '[') + R"({"image":"x"})" + std::string(500, ']') +
                            "}}}";
  EXPECT_EQ(probe("ka.req.pod.containers.image", event), R"(["x"])");
}

TEST(LocalZone, AnswersFromTheSystem) {
  const LocalZone fixed(std::chrono::seconds(-3600));
  EXPECT_EQ(fixed.offset(), -3600);
  EXPECT_EQ(LocalZone(fixed).offset(), -3600);
  const LocalZone system;
  const std::int64_t offset = system.offset();
  EXPECT_EQ(system.offset(), offset);  // this time from memory
  EXPECT_LE(offset, 14 * 3600);
  EXPECT_GE(offset, -12 * 3600);
}

}  // namespace
}  // namespace tiercel::audit::tests
