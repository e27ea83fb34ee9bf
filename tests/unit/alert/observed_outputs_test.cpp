// What Falco was seen to print for single templates; the ids are those of the table of
// observed cases.
#include <gtest/gtest.h>

#include "alert_probe.h"

namespace tiercel::alert::tests {
namespace {

using nlohmann::json;

struct Row {
  std::string_view id;
  std::string_view output;
  std::string_view path;  // of the member of E0 that is changed
  std::string_view value;
  std::string_view text;    // the message
  std::string_view fields;  // output_fields without evt.time
};

const Row kRows[] = {
    {"O001", "user=%ka.user.name", "", "", "user=alice", R"({"ka.user.name":"alice"})"},
    {"O002", "imp=%ka.impuser.name", "", "", "imp=<NA>", R"({"ka.impuser.name":null})"},
    {"O003", "ns=%ka.target.namespace code=%ka.response.code", "", "", "ns=default code=201",
     R"({"ka.response.code":"201","ka.target.namespace":"default"})"},
    {"O004", "%ka.user.groups", "", "", "(g1,system:authenticated)",
     R"({"ka.user.groups":["g1","system:authenticated"]})"},
    {"O005", "%ka.req.pod.containers.image", "requestObject.spec.containers",
     R"([{"image":"a,b"},{"image":"c(d"}])", "(a,b,c(d)",
     R"({"ka.req.pod.containers.image":["a,b","c(d"]})"},
    {"O006", "%ka.req.pod.containers.image[1]", "", "", "(redis:2)",
     R"({"ka.req.pod.containers.image[1]":["redis:2"]})"},
    {"O007", "%ka.req.pod.containers.image", "requestObject.spec.containers", "[]", "<NA>",
     R"({"ka.req.pod.containers.image":null})"},
    {"O008", "%ka.user.name[0]", "", "", "alice[0]", R"({"ka.user.name":"alice"})"},
    {"O009", "%ka.target.names", "", "", "p1s", R"({"ka.target.name":"p1"})"},
    {"O010", "%ka.verb.", "", "", "create.", R"({"ka.verb":"create"})"},
    {"O015", "* %ka.verb", "", "", " create", R"({"ka.verb":"create"})"},
    {"O016", "*%ka.verb", "", "", "create", R"({"ka.verb":"create"})"},
    {"O017", "%10ka.verb|", "", "", "create    |", R"({"ka.verb":"create"})"},
    {"O018", "%3ka.verb|", "", "", "cre|", R"({"ka.verb":"create"})"},
    {"O019", "%ka.uri.param[command]", "", "", "sh", R"({"ka.uri.param[command]":"sh"})"},
    {"O020", R"(%ka.uri.param["command"])", "", "", "sh", R"({"ka.uri.param[command]":"sh"})"},
    {"O021", "%ka.uri.param", "", "",
     "/api/v1/namespaces/default/pods?foo=bar&command=sh&command=ls.param",
     R"({"ka.uri":"/api/v1/namespaces/default/pods?foo=bar&command=sh&command=ls"})"},
    {"O022", "%jevt.value[/user/groups]", "", "", R"(["g1","system:authenticated"])",
     R"({"jevt.value[/user/groups]":"[\"g1\",\"system:authenticated\"]"})"},
    {"O023", "%jevt.value[/responseStatus/code]", "", "", "201",
     R"({"jevt.value[/responseStatus/code]":"201"})"},
    {"O024", "%jevt.value[/annotations/authorization.k8s.io~1decision]", "", "", "allow",
     R"({"jevt.value[/annotations/authorization.k8s.io~1decision]":"allow"})"},
    {"O025", "%evt.num %evt.rawtime", "", "", "1 1577934246123456000",
     R"({"evt.num":1,"evt.rawtime":1577934246123456000})"},
    {"O026", "%evt.time.iso8601", "", "", "2020-01-02T03:04:06.123456000+0000",
     R"({"evt.time.iso8601":1577934246123456000})"},
    {"O027", "%evt.is_async %evt.source", "", "", "false k8s_audit",
     R"({"evt.is_async":false,"evt.source":"k8s_audit"})"},
    {"O028", "%toupper(ka.verb)", "", "", "CREATE", R"({"ka.verb":"create"})"},
    {"O029", "%ka.user.name", "user.username", R"("a \"q\" \\ é\n")", "a \"q\" \\ é\n",
     R"({"ka.user.name":"a \"q\" \\ é\n"})"},
};

TEST(ObservedOutputs, PrintWhatFalcoPrinted) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.id);
    Probe probe;
    probe.options.json_output = true;
    const std::string event = row.path.empty() ? e0() : e0_with(std::string(row.path), row.value);
    const json alert = probe.json(row.output, event);
    EXPECT_EQ(alert["output"], "03:04:06.123456000: Warning " + std::string(row.text));
    json fields = json::parse(row.fields);
    fields["evt.time"] = 1577934246123456000;
    EXPECT_EQ(alert["output_fields"], fields);
    EXPECT_EQ(probe.message(row.output, event), row.text);
  }
}

TEST(ObservedOutputs, RefuseWhatFalcoRefused) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"%ka.nope", "refused: unknown unknown_field at 0"},                            // O011
      {"100%", "refused: error bare_percent at 3"},                                   // O012
      {"100% ok", "refused: unknown bare_percent at 3"},                              // O013
      {"100%% ok", "refused: unknown bare_percent at 3; unknown bare_percent at 4"},  // O014
  };
  for (const auto& [output, want] : rows) {
    EXPECT_EQ(Probe().message(output), want) << output;
  }
}

TEST(ObservedOutputs, TextAlerts) {
  const std::string quoted = e0_with("user.username", R"("a \"q\" \\ é\n")");
  Probe probe;
  // O030: escaped as after 0.44.1, and the raw bytes of 0.44.1.
  EXPECT_EQ(probe.line("%ka.user.name", quoted),
            "03:04:06.123456000: Warning a \\\"q\\\" \\\\ é\\n\n");
  probe.options.escape_text = false;
  EXPECT_EQ(probe.line("%ka.user.name", quoted), "03:04:06.123456000: Warning a \"q\" \\ é\n\n");
  EXPECT_EQ(probe.line("x"), "03:04:06.123456000: Warning x\n");  // O032
  probe.options.time_format_iso_8601 = true;
  EXPECT_EQ(probe.line("%ka.user.name", e0_with("user.username", "\"xxx\"")),
            "2020-01-02T03:04:06.123456000+0000: Warning xxx\n");  // O031
}

TEST(ObservedOutputs, MembersLeftOut) {
  Probe probe;
  probe.options.json_output = true;
  probe.options.json_include_output_property = false;
  json alert = probe.json("%ka.user.name");
  EXPECT_FALSE(alert.contains("output"));  // O033
  EXPECT_EQ(alert["output_fields"]["ka.user.name"], "alice");

  probe.options.json_include_output_property = true;
  probe.options.json_include_output_fields_property = false;
  alert = probe.json("%ka.user.name");
  EXPECT_FALSE(alert.contains("output_fields"));  // O034
  EXPECT_EQ(alert["output"], "03:04:06.123456000: Warning alice");
}

TEST(ObservedOutputs, AppendOutput) {
  const auto with_entry = [](AppendOutput entry) {
    Probe probe;
    probe.options.json_output = true;
    probe.options.append_output.push_back(std::move(entry));
    return probe;
  };
  AppendOutput extra;
  extra.extra_output = "EX %ka.verb";
  json alert = with_entry(extra).json("x");  // O035
  EXPECT_EQ(alert["output"], "03:04:06.123456000: Warning x EX create");
  EXPECT_EQ(alert["output_fields"]["ka.verb"], "create");

  AppendOutput other_tag;
  other_tag.match_tags = {"zz"};
  other_tag.extra_output = "EX";
  alert = with_entry(other_tag).json("x");  // O036
  EXPECT_EQ(alert["output"], "03:04:06.123456000: Warning x");
  EXPECT_EQ(alert["output_fields"].dump(), R"({"evt.time":1577934246123456000})");

  AppendOutput fields;
  fields.extra_fields = {{"ka.user.name", "", true}, {"f", "v=%ka.verb", false}};
  alert = with_entry(fields).json("x");  // O037
  EXPECT_EQ(alert["output"], "03:04:06.123456000: Warning x");
  EXPECT_EQ(alert["output_fields"].dump(),
            R"({"evt.time":1577934246123456000,"f":"v=create","ka.user.name":"alice"})");

  AppendOutput unknown;
  unknown.extra_fields = {{"ka.nope", "", true}};
  EXPECT_EQ(with_entry(unknown).line("x"),  // O038
            "refused: error unknown_field at 0 of the options");
}

}  // namespace
}  // namespace tiercel::alert::tests
