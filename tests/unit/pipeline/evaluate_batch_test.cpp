#include "tiercel/pipeline/evaluate_batch.h"

#include <gtest/gtest.h>

#include "pipeline_support.h"

namespace tiercel::pipeline {
namespace {

struct Evaluated {
  audit::DecodeCounts counts;
  store::RecordBatch out;
  std::vector<std::string> bad;

  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> all;
    for (const store::Record& record : out.records) {
      const std::string_view line = out.line(record);
      // Text alerts begin with a local time and the priority; the rest is the template.
      all.emplace_back(line.substr(line.find("Warning ") + 8));
    }
    return all;
  }
};

Evaluated evaluate(Scratch& scratch, const std::string& body,
                   const std::shared_ptr<const engine::RuleSet>& rules) {
  Evaluated result;
  result.counts = scratch.evaluate(
      batch_of(body), rules, result.out,
      [&result](const audit::BadInput& bad) { result.bad.emplace_back(bad.code); });
  return result;
}

using Lines = std::vector<std::string>;

TEST(Scratch, RendersTheAlertsInTheOrderOfTheEvents) {
  StreamState stream;
  Scratch scratch({}, {}, stream, true);
  const auto rules = rules_of(yaml_of({{"ka.verb=delete", "gone %ka.auditid"}}));
  const Evaluated result = evaluate(
      scratch, list_of({event("1", "delete"), event("2", "get"), event("3", "delete")}), rules);
  EXPECT_EQ(result.lines(), (Lines{"gone 1\n", "gone 3\n"}));
  EXPECT_EQ(result.counts.events, 3U);
}

TEST(Scratch, TheFirstRuleAlertsOrAll) {
  const std::string yaml = yaml_of({{"ka.verb=get", "first"}, {"ka.verb=get", "second"}});
  StreamState stream;
  Scratch scratch({}, {}, stream, true);
  EXPECT_EQ(evaluate(scratch, event("1", "get"), rules_of(yaml)).lines(), Lines{"first\n"});
  engine::CompileOptions all;
  all.matching = engine::Matching::kAll;
  EXPECT_EQ(evaluate(scratch, event("1", "get"), rules_of(yaml, all)).lines(),
            (Lines{"first\n", "second\n"}));
}

TEST(Scratch, NumbersEventsAcrossBatches) {
  StreamState stream;
  Scratch scratch({}, {}, stream, true);
  Scratch other({}, {}, stream, true);
  const auto rules = rules_of(yaml_of({{"ka.verb=get", "%evt.num"}}));
  EXPECT_EQ(evaluate(scratch, list_of({event("1", "get"), event("2", "get")}), rules).lines(),
            (Lines{"1\n", "2\n"}));
  EXPECT_EQ(evaluate(other, event("3", "get"), rules).lines(), Lines{"3\n"});
}

TEST(Scratch, OneBadItemCostsNoOther) {
  StreamState stream;
  Scratch scratch({}, {}, stream, true);
  const auto rules = rules_of(yaml_of({{"ka.verb=get", "%ka.auditid"}}));
  const Evaluated result = evaluate(
      scratch, list_of({event("1", "get"), R"({"a": nonsense})", event("3", "get")}), rules);
  EXPECT_EQ(result.lines(), (Lines{"1\n", "3\n"}));
  EXPECT_EQ(result.bad.size(), 1U);
}

TEST(Scratch, TheSameEventHasTheSameId) {
  StreamState stream;
  Scratch scratch({}, {}, stream, true);
  const auto rules = rules_of(yaml_of({{"ka.verb=get", "x"}}));
  const Evaluated first = evaluate(scratch, event("1", "get"), rules);
  const Evaluated again = evaluate(scratch, event("1", "get"), rules);
  const Evaluated other = evaluate(scratch, event("2", "get"), rules);
  ASSERT_EQ(first.out.records.size(), 1U);
  EXPECT_EQ(first.out.records[0].id, again.out.records[0].id);
  EXPECT_NE(first.out.records[0].id, other.out.records[0].id);
  EXPECT_EQ(first.out.records[0].rule, "r1");
  EXPECT_EQ(first.out.records[0].time, 1'767'323'045'500'000'000);
}

TEST(Scratch, ReadsStaticFieldsAsTheyAreNow) {
  audit::FieldContext context;
  context.static_fields = {{"site", "old"}};
  engine::CompileOptions options;
  options.alerts.static_fields = context.static_fields;
  StreamState stream;
  Scratch scratch({}, context, stream, true);
  const auto rules = rules_of(yaml_of({{"static.site=new", "moved"}}), options);
  EXPECT_TRUE(evaluate(scratch, event("1", "get"), rules).out.empty());
  scratch.set_live({{"site", "new"}}, true);
  EXPECT_EQ(evaluate(scratch, event("1", "get"), rules).out.records.size(), 1U);
}

TEST(Scratch, MasksKeyColumnsAsItIsToldNow) {
  const std::string token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW0ifQ.c2lnbmF0dXJlMTIz";
  const std::string body = R"({"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"1",)"
                           R"("stage":"ResponseComplete","verb":"get","user":{"username":")" +
                           token + R"("}})";
  StreamState stream;
  Scratch scratch({}, {}, stream, true);
  const auto rules = rules_of(yaml_of({{"ka.verb=get", "x"}}));
  const auto user = [&] {
    const Evaluated result = evaluate(scratch, body, rules);
    EXPECT_EQ(result.out.records.size(), 1U);
    return std::string(result.out.key(result.out.records.at(0).user));
  };
  EXPECT_EQ(user().find(token), std::string::npos);
  scratch.set_live({}, false);
  EXPECT_EQ(user(), token);
  scratch.set_live({}, true);
  EXPECT_EQ(user().find(token), std::string::npos);
}

}  // namespace
}  // namespace tiercel::pipeline
