// Lines that outputs make of stored alerts are what rules render by themselves.
#include "tiercel/alert/line_format.h"

#include <gtest/gtest.h>

#include "tiercel/alert/alert_view.h"

#include "alert_probe.h"

namespace tiercel::alert::tests {
namespace {

using nlohmann::json;

std::string stored_body(const std::string& output, const std::string& event,
                        const AlertOptions& like) {
  Probe probe;
  probe.options = like;
  probe.options.json_output = true;
  probe.options.json_include_output_property = true;
  probe.options.json_include_tags_property = true;
  probe.options.json_include_message_property = false;
  probe.options.json_include_output_fields_property = true;
  probe.options.json_include_alert_id_property = true;
  probe.options.json_include_rules_hash_property = true;
  return probe.line(output, event);
}

TEST(LineFormat, MakesOfStoredAlertsWhatRulesRender) {
  const std::vector<std::string> events = data_lines("conformance/events.jsonl");
  std::size_t number = 0;
  for (const std::string& row_text : data_lines("conformance/outputs.jsonl")) {
    const json row = json::parse(row_text);
    const std::string output = row["output"];
    const std::string& event = events.at(row["event"].get<std::size_t>());
    const std::size_t flags = number++;
    Probe probe;
    probe.options.json_output = flags % 2 == 0;
    probe.options.json_include_output_property = flags % 3 != 0;
    probe.options.json_include_tags_property = flags % 5 != 0;
    probe.options.json_include_message_property = flags % 7 < 3;
    probe.options.json_include_output_fields_property = flags % 11 != 0;
    probe.options.json_include_alert_id_property = flags % 4 != 0;
    probe.options.json_include_rules_hash_property = flags % 9 < 5;
    probe.options.rules_hash = flags % 10 == 0 ? "" : "0123abc";
    probe.options.time_format_iso_8601 = flags % 6 < 2;
    LineFormat format;
    format.json = probe.options.json_output;
    format.include_output = probe.options.json_include_output_property;
    format.include_tags = probe.options.json_include_tags_property;
    format.include_message = probe.options.json_include_message_property;
    format.include_output_fields = probe.options.json_include_output_fields_property;
    format.include_alert_id = probe.options.json_include_alert_id_property;
    format.include_rules_hash = probe.options.json_include_rules_hash_property;
    std::string line;
    append_line(line, stored_body(output, event, probe.options), format);
    EXPECT_EQ(line, probe.line(output, event)) << row["id"] << ": " << output;
  }
  EXPECT_EQ(number, 720U);
}

TEST(LineFormat, MakesOfOurOwnAlertsWhatWeRender) {
  InternalAlert alert;
  alert.code = "store_full";
  alert.priority = base::Priority::kCritical;
  alert.message = "no \"room\"\nleft";
  alert.fields = {{"path", "/a b"}, {"alerts", "3"}};
  alert.time = 1'767'323'045'123'456'789;
  AlertOptions options;
  options.hostname = "h";
  for (const bool as_json : {false, true}) {
    options.json_output = true;
    std::string body;
    render_internal(alert, options, body);
    options.json_output = as_json;
    std::string want;
    render_internal(alert, options, want);
    LineFormat format;
    format.json = as_json;
    std::string line;
    append_line(line, body, format);
    EXPECT_EQ(line, want);
  }
}

constexpr std::string_view kBody =
    R"({"alert_id":"00","hostname":"h","output":"03:04:06.123456000: Warning a \"b\"\n\u00e9\ud83d\ude00","output_fields":{"evt.time":1577934246123456000,"ka.user.groups":["g1","g,2"],"ka.x[a\"b]":null,"n":"v"},"priority":"Warning","rule":"r","source":"k8s_audit","tags":["a","b"],"time":"2020-01-02T03:04:05.000000000Z"})"
    "\n";

TEST(AlertView, TakesTheBodyApart) {
  const auto view = AlertView::parse(kBody);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->alert_id, "00");
  EXPECT_EQ(view->rule, "r");
  EXPECT_EQ(view->message(), "a \"b\"\n\u00e9\U0001F600");
  EXPECT_EQ(view->tag_list(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(view->field_text("ka.user.groups"), "g1,g,2");
  EXPECT_EQ(view->field_text("evt.time"), "1577934246123456000");
  EXPECT_EQ(view->field_text("n"), "v");
  EXPECT_EQ(view->field_text("ka.x[a\"b]"), std::nullopt);
  EXPECT_EQ(view->field_json("ka.x[a\"b]"), "null");
  EXPECT_EQ(view->field_text("nothing"), std::nullopt);
}

TEST(AlertView, RefusesWhatIsNoAlertWhereverItIsCut) {
  for (std::size_t length = 0; length + 2 < kBody.size(); ++length) {
    EXPECT_FALSE(AlertView::parse(kBody.substr(0, length))) << length;
  }
  EXPECT_FALSE(AlertView::parse("[]"));
  EXPECT_FALSE(AlertView::parse("{}"));
  EXPECT_FALSE(AlertView::parse(std::string(100'000, '{')));
}

TEST(AlertView, KeepsWhatIsNoEscape) {
  EXPECT_EQ(unescape_json(R"(a\qb\u12)"), R"(a\qb\u12)");
  EXPECT_EQ(unescape_json(R"(\ud800x)"), "\xEF\xBF\xBDx");
  EXPECT_EQ(unescape_json("\\"), "\\");
}

}  // namespace
}  // namespace tiercel::alert::tests
