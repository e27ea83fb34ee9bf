#include "tiercel/alert/internal_alert.h"

#include <cstdlib>
#include <ctime>

#include <gtest/gtest.h>

#include "alert_probe.h"

namespace tiercel::alert::tests {
namespace {

using nlohmann::json;

InternalAlert alert() {
  InternalAlert alert;
  alert.code = "reload_failed";
  alert.priority = base::Priority::kCritical;
  alert.message = "line 1\n\"line\" 2";
  alert.fields = {{"file", "a \"b\""}, {"count", "3"}, {"zone", ""}};
  alert.time = 1577934246123456000;
  alert.id.bytes[0] = 0x01;
  alert.id.bytes[15] = 0xAB;
  return alert;
}

std::string rendered(const InternalAlert& alert, const AlertOptions& options) {
  std::string out;
  render_internal(alert, options, out);
  return out;
}

class InternalAlerts : public testing::Test {
 protected:
  InternalAlerts() { set_zone("UTC"); }
  ~InternalAlerts() override { set_zone("UTC"); }
  static void set_zone(const char* zone) {
    setenv("TZ", zone, 1);
    tzset();
  }
};

TEST_F(InternalAlerts, Json) {
  AlertOptions options;
  options.json_output = true;
  options.hostname = "h1";
  // No switch takes a member away, and none adds one.
  options.json_include_output_property = false;
  options.json_include_output_fields_property = false;
  options.json_include_message_property = true;
  const std::string line = rendered(alert(), options);
  EXPECT_EQ(line, R"({"alert_id":"010000000000000000000000000000ab","hostname":"h1",)"
                  R"("output":"tiercel: reload_failed: line 1\n\"line\" 2",)"
                  R"("output_fields":{"count":"3","evt.time":1577934246123456000,"file":"a \"b\"",)"
                  R"("zone":""},"priority":"Critical","rule":"tiercel: reload_failed",)"
                  R"("source":"tiercel","time":"2020-01-02T03:04:06.123456000Z"})"
                  "\n");
  EXPECT_TRUE(parsed(line).is_object());
}

TEST_F(InternalAlerts, JsonWithoutFieldsHasTheTime) {
  AlertOptions options;
  options.json_output = true;
  InternalAlert bare = alert();
  bare.fields = {{"evt.time", "not ours"}};
  EXPECT_EQ(parsed(rendered(bare, options))["output_fields"].dump(),
            R"({"evt.time":1577934246123456000})");
}

TEST_F(InternalAlerts, NamesTheApiserverThatItIsAbout) {
  AlertOptions options;
  options.json_output = true;
  const auto about = [](const AlertOptions& how) {
    std::string out;
    render_internal(alert(), {"/var/log/\"a\".log", {}}, how, out);
    return out;
  };
  EXPECT_TRUE(about(options).starts_with(R"({"alert_id":"010000000000000000000000000000ab",)"
                                         R"("apiserver":"/var/log/\"a\".log","hostname":)"))
      << about(options);
  options.json_include_apiserver_property = false;
  EXPECT_EQ(about(options), rendered(alert(), options));
  EXPECT_EQ(about({}), rendered(alert(), {})) << "a text line is Falco's";
}

TEST_F(InternalAlerts, EqualKeysStandOnce) {
  AlertOptions options;
  options.json_output = true;
  InternalAlert twice = alert();
  twice.fields = {{"a", "1"}, {"b", "\xFF"}, {"a", "2"}};
  EXPECT_EQ(parsed(rendered(twice, options))["output_fields"].dump(),
            "{\"a\":\"2\",\"b\":\"\uFFFD\",\"evt.time\":1577934246123456000}");
}

TEST_F(InternalAlerts, Text) {
  AlertOptions options;
  options.time_format_iso_8601 = true;  // has no effect here, as in Falco
  EXPECT_EQ(rendered(alert(), options),
            "03:04:06.123456000: Critical tiercel: reload_failed: line 1\\n\\\"line\\\" 2 "
            "(count=\"3\" file=\"a \\\"b\\\"\" zone=\"\")\n");
  options.escape_text = false;
  InternalAlert bare = alert();
  bare.fields.clear();
  EXPECT_EQ(rendered(bare, options),
            "03:04:06.123456000: Critical tiercel: reload_failed: line 1\n\"line\" 2 ()\n");
}

TEST_F(InternalAlerts, TextIsInLocalTime) {
  set_zone("XXX-3:30");
  EXPECT_TRUE(rendered(alert(), {}).starts_with("06:34:06.123456000: Critical "));
}

}  // namespace
}  // namespace tiercel::alert::tests
