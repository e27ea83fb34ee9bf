#include "tiercel/audit/field_map.h"

#include <gtest/gtest.h>

#include "field_probe.h"

namespace tiercel::audit::tests {
namespace {

TEST(FieldSet, GivesEqualReferencesOneId) {
  FieldSet set;
  const FieldId verb = set.add(field_ref("ka.verb"));
  const FieldId param = set.add(field_ref("ka.uri.param[a]"));
  EXPECT_NE(verb, param);
  EXPECT_EQ(set.add(field_ref("ka.uri.param[\"a\"]")), param);
  EXPECT_NE(set.add(field_ref("ka.uri.param[b]")), param);
  EXPECT_EQ(set.size(), 3U);
  EXPECT_EQ(set[param].key, "ka.uri.param[a]");
}

TEST(FieldMap, ExtractsOnceAndForgetsWithTheEvent) {
  FieldSet set;
  const FieldId info = set.add(field_ref("ka.user.groups"));
  const FieldId verb = set.add(field_ref("ka.verb"));
  const FieldContext context;
  FieldMap map;
  const char* const first = R"({"auditID":"a","verb":"get","user":{"groups":["g"]}})";
  with_event(first, [&](const AuditEvent& event) {
    map.bind(set, context, event);
    EXPECT_EQ(print(map.get(verb)), "\"get\"");
    EXPECT_EQ(print(map.get(info)), R"(["g"])");
    const auto* const list = map.get(info).as_list().data();
    EXPECT_EQ(map.get(info).as_list().data(), list);
    EXPECT_EQ(&map.event(), &event);
    EXPECT_EQ(&map.set(), &set);
  });
  with_event(R"({"auditID":"a","verb":"list"})", [&](const AuditEvent& event) {
    map.bind(set, context, event);
    EXPECT_EQ(print(map.get(verb)), "\"list\"");
    EXPECT_EQ(print(map.get(info)), "absent");
  });
}

TEST(FieldMap, TurnsToAnotherSet) {
  FieldSet small;
  small.add(field_ref("ka.verb"));
  FieldSet large;
  for (const char* name : {"ka.stage", "ka.verb", "ka.level"}) {
    large.add(field_ref(name));
  }
  const FieldContext context;
  FieldMap map;
  const char* const text = R"({"auditID":"a","verb":"get","stage":"Panic","level":"Request"})";
  with_event(text, [&](const AuditEvent& event) {
    map.bind(small, context, event);
    EXPECT_EQ(print(map.get(FieldId{0})), "\"get\"");
    map.bind(large, context, event);
    EXPECT_EQ(print(map.get(FieldId{0})), "\"Panic\"");
    EXPECT_EQ(print(map.get(FieldId{2})), "\"Request\"");
    map.bind(small, context, event);
    EXPECT_EQ(print(map.get(FieldId{0})), "\"get\"");
  });
}

}  // namespace
}  // namespace tiercel::audit::tests
