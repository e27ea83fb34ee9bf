#include <limits>

#include <gtest/gtest.h>

#include "alert_probe.h"

namespace tiercel::alert::tests {
namespace {

TEST(ValueText, ListsLoseCommasBeforeTheFirstTextAsInFalco) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {R"(["","a"])", "(a)"},  {R"(["x","","y"])", "(x,,y)"},
      {R"([""])", "()"},       {R"(["",""])", "()"},
      {R"(["x",""])", "(x,)"}, {R"x(["a b","(c,d)"])x", "(a b,(c,d))"},
      {R"(["x"])", "(x)"},     {"[]", "<NA>"},
  };
  for (const auto& [groups, want] : rows) {
    EXPECT_EQ(Probe().message("%ka.user.groups", e0_with("user.groups", groups)), want) << groups;
  }
}

TEST(ValueText, ListsArePrintedWhole) {
  std::string groups = "[";
  std::string want = "(";
  for (int at = 0; at < 500; ++at) {
    groups += (at == 0 ? "\"" : ",\"") + std::to_string(at) + '"';
    want += (at == 0 ? "" : ",") + std::to_string(at);
  }
  EXPECT_EQ(Probe().message("%ka.user.groups", e0_with("user.groups", groups + "]")), want + ")");
}

TEST(ValueText, Times) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"%evt.time", "05:04:06.123456000"},
      {"%evt.time.s", "05:04:06"},
      {"%evt.datetime", "2020-01-02 05:04:06.123456000"},
      {"%evt.datetime.s", "2020-01-02 05:04:06"},
      {"%evt.time.iso8601", "2020-01-02T03:04:06.123456000+0000"},
      {"%evt.rawtime", "1577934246123456000"},
      {"%evt.rawtime.s", "1577934246"},
      {"%evt.rawtime.ns", "123456000"},
      {"%evt.reltime", "000000042"},
      {"%evt.reltime.s", "0"},
      {"%evt.reltime.ns", "000000042"},
  };
  Probe probe;
  probe.context.zone = audit::LocalZone(std::chrono::hours(2));
  probe.context.first_event_time = 1577934246123456000 - 42;
  for (const auto& [output, want] : rows) {
    EXPECT_EQ(probe.message(output), want) << output;
  }
}

TEST(ValueText, TimesInOutputFieldsAreNumbers) {
  Probe probe;
  probe.options.json_output = true;
  probe.context.first_event_time = 1577934246123456000 + 1'000'000'001;  // a later event came first
  const auto fields = probe.json(
      "%evt.time %evt.time.s %evt.datetime %evt.datetime.s %evt.time.iso8601 %evt.rawtime.ns "
      "%evt.reltime %evt.reltime.s %evt.num %evt.asynctype")["output_fields"];
  for (const char* key :
       {"evt.time", "evt.time.s", "evt.datetime", "evt.datetime.s", "evt.time.iso8601"}) {
    EXPECT_EQ(fields[key], 1577934246123456000) << key;
  }
  EXPECT_EQ(fields["evt.rawtime.ns"], 123456000);
  EXPECT_EQ(fields["evt.reltime"], -1'000'000'001);
  EXPECT_EQ(fields["evt.reltime.s"],
            (std::numeric_limits<std::uint64_t>::max() - 1'000'000'000) / 1'000'000'000);
  EXPECT_EQ(fields["evt.num"], 1);
  EXPECT_TRUE(fields["evt.asynctype"].is_null());
}

TEST(ValueText, EventTextsAreCleaned) {
  Probe probe;
  probe.context.hostname = "a\nb\x7F\xC2\x85\xEF\xB7\x90\xF0\x9F\xBF\xBF\xC3(é";
  const std::string clean = "a\uFFFDb\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD(é";
  EXPECT_EQ(probe.message("%evt.hostname"), clean);
  probe.options.json_output = true;
  const auto alert = probe.json("%evt.hostname");
  EXPECT_EQ(alert["output_fields"]["evt.hostname"], clean);
  EXPECT_EQ(alert["output"], "03:04:06.123456000: Warning " + clean);
}

TEST(ValueText, PluginInfoIsTheEventWithoutLineEnds) {
  EXPECT_EQ(Probe().message("%evt.plugininfo"), e0());
  const std::string text = Probe().message("%evt.plugininfo", "{\n \"auditID\":\t\"x\" }");
  EXPECT_EQ(text, R"({"auditID":"x"})");
}

TEST(ValueText, Transformers) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"%toupper(ka.user.groups)", "(G1,SYSTEM:AUTHENTICATED)"},
      {"%len(ka.user.groups)", "2"},
      {"%len(ka.verb)", "6"},
      {"%len(ka.impuser.name)", "<NA>"},
      {R"(%concat(ka.verb, "-", ka.stage))", "create-ResponseComplete"},
      {R"(%join(",", ka.user.groups))", "g1,system:authenticated"},
      {R"(%join("-", (ka.verb, ka.stage)))", "create-ResponseComplete"},
      {R"(%join("-", (ka.verb, ka.impuser.name)))", "<NA>"},
      {"%toupper(concat(tolower(ka.stage), \"x\"))", "RESPONSECOMPLETEX"},
  };
  for (const auto& [output, want] : rows) {
    EXPECT_EQ(Probe().message(output), want) << output;
  }
}

}  // namespace
}  // namespace tiercel::alert::tests
