#include "append_output.h"

#include <gtest/gtest.h>

#include "alert_probe.h"

namespace tiercel::alert::tests {
namespace {

using nlohmann::json;

AppendOutput extra(std::string output) {
  AppendOutput entry;
  entry.extra_output = std::move(output);
  return entry;
}

AppendOutput with_fields(std::vector<AppendOutput::ExtraField> fields) {
  AppendOutput entry;
  entry.extra_fields = std::move(fields);
  return entry;
}

TEST(AppendOutput, AllConditionsMustHold) {
  RuleMeta meta{"r", base::Priority::kError, {"a", "b"}, "k8s_audit"};
  const auto holds = [&meta](std::optional<std::string> source, std::optional<std::string> rule,
                             std::vector<std::string> tags) {
    AppendOutput entry;
    entry.match_source = std::move(source);
    entry.match_rule = std::move(rule);
    entry.match_tags = std::move(tags);
    return applies(entry, meta);
  };
  EXPECT_TRUE(holds({}, {}, {}));
  EXPECT_TRUE(holds("k8s_audit", "r", {"b", "a"}));
  EXPECT_FALSE(holds("syscall", "r", {"a"}));
  EXPECT_FALSE(holds("k8s_audit", "r*", {"a"}));
  EXPECT_FALSE(holds("k8s_audit", "r", {"a", "c"}));
  EXPECT_FALSE(holds("", {}, {}));
}

TEST(AppendOutput, OrderOfWhatIsAppended) {
  Probe probe;
  probe.options.static_fields = {{"zone", "z1"}, {"app", "a1"}};
  AppendOutput first = extra("one");
  first.suggested_output = true;
  probe.options.append_output = {first, extra(""), extra("two")};
  probe.options.print_format = "verb=%ka.verb";
  EXPECT_EQ(probe.message("x"), "x one static_app=a1 static_zone=z1 two verb=create");
}

TEST(AppendOutput, SuggestionOfNoIdentifierIsFieldAndText) {
  Probe probe;
  AppendOutput entry;
  entry.suggested_output = true;
  probe.options.append_output = {entry};
  probe.options.static_fields = {{"a", "1"}, {"a-b", "2"}};
  EXPECT_EQ(probe.message("x"), "x static_a=1 static_a-b=1-b");
  probe.options.static_fields = {{"a-b", "2"}};
  EXPECT_EQ(probe.message("x"),
            "refused: unknown unknown_field at 13 of the options, near static.a-b");
}

TEST(AppendOutput, ContainerInfoIsRemoved) {
  Probe probe;
  probe.options.print_format = "%container.info|";
  EXPECT_EQ(probe.message("a %container.info b"), "a  b |");
  EXPECT_EQ(print(probe.problems("a %container.info b")), "deprecated deprecated_token at 2");
  EXPECT_EQ(print(probe.problems("a")), "deprecated deprecated_token at 2 of the options");
  EXPECT_EQ(print(Probe().problems("%container.info")),
            "deprecated deprecated_token at 0; error empty_template at 0");
}

TEST(AppendOutput, ProblemsStandWhereTheyWereWritten) {
  Probe probe;
  probe.options.append_output = {extra("%ka.none")};
  EXPECT_EQ(print(probe.problems("%container.info%ka.nope %container.info %ka.nope")),
            "deprecated deprecated_token at 0; unknown unknown_field at 15; unknown "
            "unknown_field at 40; unknown unknown_field at 49 of the options");
}

TEST(AppendOutput, RawFieldsHaveAValueOnlyUnderTheirKey) {
  Probe probe;
  probe.options.json_output = true;
  probe.options.append_output = {with_fields({{"ka.user.groups", "", true},
                                              {"ka.uri.param[command]", "", true},
                                              {R"(ka.uri.param["foo"])", "", true},
                                              {"toupper(ka.verb)", "", true},
                                              {"10ka.stage", "", true},
                                              {"ka.verbs", "", true},
                                              {"evt.num", "", true}})};
  EXPECT_EQ(probe.json("x")["output_fields"].dump(),
            R"({"10ka.stage":null,"evt.num":1,"evt.time":1577934246123456000,)"
            R"("ka.uri.param[\"foo\"]":null,"ka.uri.param[command]":"sh",)"
            R"("ka.user.groups":["g1","system:authenticated"],"ka.verbs":null,)"
            R"x("toupper(ka.verb)":null})x");
}

TEST(AppendOutput, FormattedFieldsAreTexts) {
  Probe probe;
  probe.options.json_output = true;
  probe.options.append_output = {with_fields({{"groups", "%ka.user.groups", false},
                                              {"none", "%ka.impuser.name", false},
                                              {"num", "%evt.num", false},
                                              {"star", "*%ka.verb", false},
                                              {"quoted \"key\"", "a\"b\n%ka.verb", false}})};
  const json fields = probe.json("x")["output_fields"];
  EXPECT_EQ(fields["groups"], "(g1,system:authenticated)");
  EXPECT_EQ(fields["none"], "<NA>");
  EXPECT_EQ(fields["num"], "1");
  EXPECT_EQ(fields["star"], "create");
  EXPECT_EQ(fields["quoted \"key\""], "a\"b\ncreate");
}

TEST(AppendOutput, TheLaterExtraFieldWins) {
  Probe probe;
  probe.options.json_output = true;
  probe.options.append_output = {with_fields({{"ka.verb", "one", false}, {"evt.time", "t", false}}),
                                 with_fields({{"f", "%ka.verb", false}}),
                                 with_fields({{"ka.verb", "", true}, {"f", "two", false}})};
  EXPECT_EQ(probe.json("%ka.verb")["output_fields"].dump(),
            R"({"evt.time":"t","f":"two","ka.verb":"create"})");
}

TEST(AppendOutput, FaultsInExtraFieldsAlwaysStopTheRule) {
  const std::pair<AppendOutput::ExtraField, std::string_view> rows[] = {
      {{"f", "", false}, "error empty_template at 0 of the options"},
      {{"f", "%ka.nope", false}, "error unknown_field at 0 of the options"},
      {{"ka.nope", "", true}, "error unknown_field at 0 of the options"},
      {{"", "", true}, "error bare_percent at 0 of the options"},
      {{"f", "100% x", false}, "error bare_percent at 3 of the options"},
  };
  for (const auto& [field, want] : rows) {
    Probe probe;  // text alerts ignore the fields, not their faults
    probe.options.append_output = {with_fields({field})};
    EXPECT_EQ(print(probe.problems("x")), want) << field.key << ' ' << field.template_text;
    AppendOutput other = with_fields({field});
    other.match_rule = "another";
    probe.options.append_output = {other};
    EXPECT_EQ(print(probe.problems("x")), "");
  }
}

TEST(AppendOutput, TextAlertsIgnoreExtraFields) {
  Probe probe;
  probe.options.append_output = {with_fields({{"f", "%ka.verb", false}})};
  EXPECT_EQ(probe.line("x"), "03:04:06.123456000: Warning x\n");
}

}  // namespace
}  // namespace tiercel::alert::tests
