#include <gtest/gtest.h>

#include "tiercel/alert/alert_view.h"

#include "alert_probe.h"

namespace tiercel::alert::tests {
namespace {

using nlohmann::json;

Probe json_probe() {
  Probe probe;
  probe.options.json_output = true;
  return probe;
}

std::string keys(const json& object) {
  std::string text;
  for (const auto& [key, value] : object.items()) {
    text += (text.empty() ? "" : " ") + key;
  }
  return text;
}

TEST(JsonAlert, WholeLine) {
  Probe probe = json_probe();
  probe.meta.tags = {"Beta", "alpha"};
  EXPECT_EQ(probe.line("g=%ka.user.groups", e0_with("user.groups", R"(["g1","g2"])")),
            R"x({"hostname":"h1","output":"03:04:06.123456000: Warning g=(g1,g2)",)x"
            R"("output_fields":{"evt.time":1577934246123456000,"ka.user.groups":["g1","g2"]},)"
            R"("priority":"Warning","rule":"r","source":"k8s_audit","tags":["Beta","alpha"],)"
            R"("time":"2020-01-02T03:04:06.123456000Z"})"
            "\n");
}

TEST(JsonAlert, MembersByOption) {
  const auto members = [](const std::function<void(AlertOptions&)>& change) {
    Probe probe = json_probe();
    change(probe.options);
    return keys(probe.json("x %ka.verb"));
  };
  EXPECT_EQ(members([](AlertOptions&) {}),
            "hostname output output_fields priority rule source tags time");
  EXPECT_EQ(members([](AlertOptions& options) {
              options.json_include_alert_id_property = true;
              options.json_include_message_property = true;
            }),
            "alert_id hostname message output output_fields priority rule source tags time");
  EXPECT_EQ(members([](AlertOptions& options) {
              options.json_include_message_property = true;
              options.json_include_output_property = false;
              options.json_include_output_fields_property = false;
              options.json_include_tags_property = false;
            }),
            "hostname message priority rule source time");
  EXPECT_EQ(members([](AlertOptions& options) {
              options.json_include_alert_id_property = true;
              options.json_include_output_property = false;
              options.json_include_output_fields_property = false;
              options.json_include_tags_property = false;
            }),
            "alert_id hostname priority rule source time");
}

TEST(JsonAlert, AlertIdAndMessage) {
  Probe probe = json_probe();
  probe.options.json_include_alert_id_property = true;
  probe.options.json_include_message_property = true;
  const json alert =
      probe.json("a \"%ka.user.name\"", e0_with("user.username", "\"\\u0001\\n\\\\é\""));
  EXPECT_EQ(alert["alert_id"], "0a0000000000000000000000000000bc");
  EXPECT_EQ(alert["message"], "a \"\x01\n\\é\"");
  EXPECT_EQ(alert["output"], "03:04:06.123456000: Warning a \"\x01\n\\é\"");
}

// Nobody may be paged by a test as if it were real, whatever members the operator left out.
TEST(JsonAlert, ASelftestIsMarkedWhateverMembersThereAre) {
  Probe probe = json_probe();
  probe.origin.selftest = "selftest-1";
  EXPECT_EQ(probe.json("x")["output"], "03:04:06.123456000: Warning [tiercel selftest] x");
  EXPECT_EQ(probe.json("x")["output_fields"]["tiercel_selftest"], "selftest-1");
  EXPECT_FALSE(probe.json("x").contains("tiercel_selftest"));
  probe.options.json_include_output_property = false;
  probe.options.json_include_output_fields_property = false;
  EXPECT_EQ(probe.json("x")["tiercel_selftest"], "selftest-1");
  const std::string line = probe.line("x");
  const auto view = AlertView::parse(line);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->selftest, "selftest-1");
  EXPECT_EQ(view->message(), "[tiercel selftest] r");
  probe.origin.selftest = {};
  EXPECT_FALSE(probe.json("x").contains("tiercel_selftest"));
}

TEST(JsonAlert, IsoTimeChangesPrefixAndItsField) {
  Probe probe = json_probe();
  probe.options.time_format_iso_8601 = true;
  const json alert = probe.json("x");
  EXPECT_EQ(alert["output"], "2020-01-02T03:04:06.123456000+0000: Warning x");
  EXPECT_EQ(alert["output_fields"].dump(), R"({"evt.time.iso8601":1577934246123456000})");
  EXPECT_EQ(alert["time"], "2020-01-02T03:04:06.123456000Z");
}

TEST(JsonAlert, NamesAreEscaped) {
  Probe probe = json_probe();
  probe.meta.name = "a \"rule\"\n";
  probe.meta.tags = {"t\"1", "é"};
  probe.options.hostname = "h\\1";
  const json alert = probe.json("x");
  EXPECT_EQ(alert["rule"], "a \"rule\"\n");
  EXPECT_EQ(alert["tags"], (json{"t\"1", "é"}));
  EXPECT_EQ(alert["hostname"], "h\\1");
}

TEST(JsonAlert, Priorities) {
  Probe probe = json_probe();
  for (std::size_t at = 0; at < base::kPriorityNames.size(); ++at) {
    probe.meta.priority = static_cast<base::Priority>(at);
    const json alert = probe.json("x");
    EXPECT_EQ(alert["priority"], base::kPriorityNames[at]);
    EXPECT_EQ(alert["output"],
              "03:04:06.123456000: " + std::string(base::kPriorityNames[at]) + " x");
  }
}

TEST(JsonAlert, KeysAreTheFieldAsUnderstood) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {R"(%ka.uri.param["command"]x)", "evt.time ka.uri.param[command]"},
      {"%ka.uri.param[a=b]", "evt.time ka.uri.param[\"a=b\"]"},
      {R"(%ka.uri.param["a=b"])", "evt.time ka.uri.param[\"a=b\"]"},
      {R"(%ka.uri.param["a\"b"])", R"(evt.time ka.uri.param["a\"b"])"},
      {R"(%ka.uri.param["a\tb"])", R"(evt.time ka.uri.param["a\tb"])"},
      {R"(%ka.uri.param[""])", "evt.time ka.uri.param[\"\"]"},
      {"%ka.user.name[0] %10ka.verb", "evt.time ka.user.name ka.verb"},
      {"%ka.verb %ka.verb", "evt.time ka.verb"},
      {R"(%toupper(ka.verb) %concat(ka.stage, "x", tolower(ka.auditid)))",
       "evt.time ka.auditid ka.stage ka.verb"},
      {R"(%join("-", (ka.verb, ka.stage)))", "evt.time ka.stage ka.verb"},
  };
  for (const auto& [output, want] : rows) {
    EXPECT_EQ(keys(json_probe().json(output)["output_fields"]), want) << output;
  }
}

TEST(JsonAlert, TransformersInnerFieldsAreUntransformed) {
  EXPECT_EQ(json_probe().json("%toupper(ka.user.groups)")["output_fields"]["ka.user.groups"],
            (json{"g1", "system:authenticated"}));
}

TEST(JsonAlert, InvalidUtf8BecomesOneReplacementPerSubpart) {
  // C3 41: a lead byte without its second; E2 82: a character cut short; FF: never valid.
  std::string event = e0();
  event.replace(event.find("alice"), 5,
                "\xC3"
                "A\xE2\x82 \xFF.");
  Probe probe = json_probe();
  const json alert = probe.json("%ka.user.name %2ka.user.name", event);
  EXPECT_EQ(alert["output_fields"]["ka.user.name"], "\uFFFDA\uFFFD \uFFFD.");
  EXPECT_EQ(alert["output"], "03:04:06.123456000: Warning \uFFFDA\uFFFD \uFFFD. \uFFFDA");
  probe.options.json_output = false;
  EXPECT_EQ(probe.line("%ka.user.name", event),
            "03:04:06.123456000: Warning \uFFFDA\uFFFD \uFFFD.\n");
  probe.options.escape_text = false;
  EXPECT_EQ(probe.line("%ka.user.name", event),
            "03:04:06.123456000: Warning \xC3"
            "A\xE2\x82 \xFF.\n");
}

TEST(JsonAlert, TheMessageIsEscapedAsAWhole) {
  // One character cut in two by widths and put together again counts as one.
  std::string event = e0();
  event.replace(event.find("alice"), 5, "\xC3");
  event.replace(event.find("create"), 6, "\xA9");
  EXPECT_EQ(json_probe().json("%ka.user.name%ka.verb", event)["output"],
            "03:04:06.123456000: Warning é");
}

TEST(JsonAlert, EveryByteParses) {
  for (int byte = 1; byte < 256; ++byte) {
    std::string event = e0();
    if (byte != '"' && byte != '\\' && byte >= 0x20) {
      event.replace(event.find("alice"), 5, 9, static_cast<char>(byte));
    } else {
      std::string escape = "\\u00";
      escape += "0123456789abcdef"[byte / 16];
      escape += "0123456789abcdef"[byte % 16];
      event.replace(event.find("alice"), 5, escape);
    }
    const json alert = json_probe().json("%ka.user.name|%5ka.user.name", event);
    EXPECT_TRUE(alert.contains("output")) << byte;
  }
}

TEST(JsonAlert, LocalZoneAppliesToThePrefixOnly) {
  Probe probe = json_probe();
  probe.context.zone = audit::LocalZone(-std::chrono::hours(5));
  const json alert = probe.json("x");
  EXPECT_EQ(alert["output"], "22:04:06.123456000: Warning x");
  EXPECT_EQ(alert["time"], "2020-01-02T03:04:06.123456000Z");
}

}  // namespace
}  // namespace tiercel::alert::tests
