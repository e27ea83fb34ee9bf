// The checks of vendors' schemas take what the vendors' documentation shows, and nothing broken.
#include "vendor_schema.h"

#include <functional>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tiercel::support {
namespace {

using Json = nlohmann::json;

struct Broken {
  std::string pointer;  ///< of a member of the good body
  Json value;           ///< that it gets; discarded: it is removed
  std::string want;     ///< part of a complaint
};
struct Sample {
  std::string name;
  Complaints (*check)(const PeerRequest& request);
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  Json good;
  std::vector<Broken> broken;

  friend void PrintTo(const Sample& sample, std::ostream* out) { *out << sample.name; }
};

const Json kGone = Json(Json::value_t::discarded);
const std::string kLong(30'000, 'x');

Json falco_alert() {
  return {{"hostname", "cp"},
          {"output", "03:04:05.0: Warning x"},
          {"output_fields", {{"ka.user.name", "alice"}}},
          {"priority", "Warning"},
          {"rule", "r"},
          {"source", "k8s_audit"},
          {"tags", Json::array({"k8s"})},
          {"time", "2026-01-02T03:04:05.123456789Z"}};
}

std::vector<Broken> broken_alert(const std::string& at) {
  return {{at + "/output_fields", Json::object(), "`output_fields`"},
          {at + "/output_fields", kGone, "`output_fields` is missing"},
          {at + "/priority", "warning", "`priority` is warning"},
          {at + "/time", "yesterday", "`time`"},
          {at + "/tags", Json::array({1}), "a tag"},
          {at + "/rule", "", "`rule` is empty"},
          {at + "/more", 1, "unknown"}};
}

std::vector<Sample> alert_samples() {
  std::vector<Broken> broken_event = broken_alert("/data");
  broken_event.insert(broken_event.end(), {{"/specversion", "0.3", "specversion"},
                                           {"/id", kGone, "`id` is missing"},
                                           {"/source", "a b", "URI"},
                                           {"/time", "now", "`time`"},
                                           {"/some_thing", "x", "attribute's name"}});
  return {
      {"falcosidekick",
       &check_falcosidekick,
       "/",
       {{"Content-Type", "application/json"}},
       falco_alert(),
       broken_alert("")},
      {"cloud_events",
       &check_cloud_events,
       "/",
       {{"Content-Type", "application/cloudevents+json"}},
       {{"specversion", "1.0"},
        {"id", "1"},
        {"source", "tiercel/cp"},
        {"type", "t"},
        {"datacontenttype", "application/json"},
        {"data", falco_alert()}},
       broken_event},
      {"alertmanager",
       &check_alertmanager,
       "/api/v2/alerts",
       {{"Content-Type", "application/json"}},
       Json::parse(
           R"([{"labels":{"alertname":"r"},"annotations":{"summary":"s"},"startsAt":"2026-01-02T03:04:05Z","endsAt":"2026-01-02T04:04:05Z","generatorURL":"http://x/"}])"),
       {{"/0/labels/alertname", kGone, "alertname"},
        {"/0/labels/a.b", "x", "label's name"},
        {"/0/labels/severity", 1, "no text"},
        {"/0/annotations/ka.user", "x", "label's name"},
        {"/0/startsAt", "2026-01-02 03:04:05", "`startsAt`"},
        {"/0/endsAt", "2026-01-02T03:04:04Z", "not behind"},
        {"/0/generatorURL", "x", "URL"},
        {"/0/status", "firing", "unknown"}}},
      {"pagerduty",
       &check_pagerduty,
       "/v2/enqueue",
       {{"Content-Type", "application/json"}},
       {{"routing_key", std::string(32, 'a')},
        {"event_action", "trigger"},
        {"dedup_key", "d"},
        {"payload", {{"summary", "s"}, {"source", "h"}, {"severity", "critical"}}}},
       {{"/routing_key", "short", "32"},
        {"/event_action", "open", "event_action"},
        {"/dedup_key", std::string(256, 'x'), "256"},
        {"/payload/summary", std::string(1025, 'x'), "1025"},
        {"/payload/source", "", "`source` is empty"},
        {"/payload/severity", "emergency", "severity"},
        {"/payload/timestamp", "x", "timestamp"},
        {"/payload/custom_details", std::string(600'000, 'x'), "512 KB"}}}};
}

std::vector<Sample> log_samples() {
  return {
      {"loki",
       &check_loki,
       "/loki/api/v1/push",
       {{"Content-Type", "application/json"}},
       Json::parse(R"({"streams":[{"stream":{"job":"t"},"values":[["1","a"],["2","b"]]}]})"),
       {{"/streams/0/values/0/0", 1, "as texts"},
        {"/streams/0/values/0/0", "3", "ascend"},
        {"/streams/0/values/0/0", "0", "is 0"},
        {"/streams/0/values/0/1", std::string(300'000, 'x'), "256 KiB"},
        {"/streams/0/stream/a-b", "x", "label's name"},
        {"/streams/0/stream/job", "", "2048"},
        {"/streams/0/stream", Json::object(), "`stream`"},
        {"/streams", Json::array(), "no streams"}}},
      {"splunk",
       &check_splunk_hec,
       "/services/collector/event",
       {{"Content-Type", "application/json"}, {"Authorization", "Splunk x"}},
       {{"time", 1767323045.5}, {"event", {{"a", 1}}}, {"fields", {{"k", "v"}}}},
       {{"/time", "x", "`time`"},
        {"/event", "", "blank"},
        {"/event", kGone, "required"},
        {"/index", "", "`index` is empty"},
        {"/fields/k", {{"nested", 1}}, "not flat"},
        {"/other", 1, "unknown"}}},
      {"datadog",
       &check_datadog,
       "/api/v2/logs",
       {{"Content-Type", "application/json"}, {"DD-API-KEY", "k"}},
       Json::parse(R"([{"message":"m","status":"info","ddtags":"a:b","timestamp":1767323045000}])"),
       {{"/0/message", "", "`message` is empty"},
        {"/0/status", "informational", "status"},
        {"/0/ddtags", Json::array({"a"}), "no text"},
        {"/0/timestamp", "x", "timestamp"},
        {"/0/message", std::string(1'000'001, 'x'), "1 MB"},
        {"", std::vector<Json>(1001, {{"message", "m"}, {"status", "info"}}), "over 1000"},
        {"", Json::array({{{"message", std::string(5'000'001, 'x')}, {"status", "info"}}}),
         "5 MB"}}}};
}

std::vector<Sample> chat_samples() {
  return {
      {"slack",
       &check_slack,
       "/services/T/B/x",
       {{"Content-Type", "application/json"}},
       Json::parse(
           R"({"attachments":[{"color":"#ffc700","fallback":"f","title":"t","text":"x &amp; y","ts":1,"footer":"f","fields":[{"title":"User","value":"alice","short":true}]}]})"),
       {{"/attachments", Json::array(), "no attachment"},
        {"/attachments/0/color", "red", "colour"},
        {"/attachments/0/text", "<!channel>", "markup"},
        {"/attachments/0/text", "a & b", "markup"},
        {"/attachments/0/text", kLong, "30000"},
        {"/attachments/0/fields/0/value", "", "`value` is empty"},
        {"/attachments/0/fields/0/short", "yes", "boolean"},
        {"/attachments/0/fields/0/value", "<@U1>", "markup"}}},
      {"teams",
       &check_teams,
       "/workflows/x",
       {{"Content-Type", "application/json"}},
       Json::parse(
           R"({"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","contentUrl":null,"content":{"type":"AdaptiveCard","version":"1.4","body":[{"type":"TextBlock","text":"t","wrap":true}]}}]})"),
       {{"/type", "card", "`type`"},
        {"/attachments/0/contentType", "text/html", "contentType"},
        {"/attachments/0/content/version", "9", "version"},
        {"/attachments/0/content/body/0/text", kLong, "28 KB"},
        {"/attachments/0/content/body/0/text", "", "empty"},
        {"/attachments/0/content/body", Json::array(), "no body"}}},
      {"discord",
       &check_discord,
       "/api/webhooks/1/x",
       {{"Content-Type", "application/json"}},
       Json::parse(
           R"({"username":"tiercel","allowed_mentions":{"parse":[]},"embeds":[{"title":"t","description":"d","color":1,"fields":[{"name":"n","value":"v"}]}]})"),
       {{"/allowed_mentions", kGone, "mention"},
        {"/username", std::string(81, 'x'), "81"},
        {"/username", "my discord bot", "discord"},
        {"/embeds/0/title", std::string(257, 'x'), "257"},
        {"/embeds/0/description", std::string(4097, 'x'), "4097"},
        {"/embeds/0/color", "#fff", "color"},
        {"/embeds/0/fields/0/value", "", "empty"},
        {"/embeds/0/fields",
         std::vector<Json>(3, {{"name", "n"}, {"value", std::string(2001, 'x')}}), "6000"},
        {"/embeds", std::vector<Json>(11, {{"title", "t"}, {"description", "d"}, {"color", 1}}),
         "over ten"},
        {"/content", std::string(2001, 'x'), "2001"}}},
      {"mattermost",
       &check_mattermost,
       "/hooks/x",
       {{"Content-Type", "application/json"}},
       Json::parse(
           R"({"attachments":[{"fallback":"f","color":"#ffffff","title":"t","text":"x"}]})"),
       {{"/attachments", kGone, "neither"},
        {"/attachments/0/color", "white", "colour"},
        {"/attachments/0/text", kLong, "30000"}}}};
}

std::vector<Sample> samples() {
  std::vector<Sample> all = alert_samples();
  for (const auto& more : {log_samples(), chat_samples()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

PeerRequest request_of(const Sample& sample, const Json& body) {
  return {
      .method = "POST", .target = sample.target, .headers = sample.headers, .body = body.dump()};
}

Json broken_body(const Sample& sample, const Broken& broken) {
  Json body = sample.good;
  const Json::json_pointer where(broken.pointer);
  if (broken.value.is_discarded()) {
    body[where.parent_pointer()].erase(where.back());
  } else {
    body[where] = broken.value;
  }
  return body;
}

class VendorSchema : public testing::TestWithParam<Sample> {};

TEST_P(VendorSchema, TakesWhatTheVendorTakes) {
  EXPECT_EQ(joined(GetParam().check(request_of(GetParam(), GetParam().good))), "");
}

TEST_P(VendorSchema, RefusesEachMistake) {
  for (const Broken& broken : GetParam().broken) {
    const std::string said =
        joined(GetParam().check(request_of(GetParam(), broken_body(GetParam(), broken))));
    EXPECT_NE(said.find(broken.want), std::string::npos)
        << broken.pointer << ": `" << said << "` instead of `" << broken.want << "`";
  }
}

TEST_P(VendorSchema, RefusesWhatIsNoSuchRequest) {
  const auto complaints = [](PeerRequest request) { return joined(GetParam().check(request)); };
  PeerRequest request = request_of(GetParam(), GetParam().good);
  request.method = "PUT";
  EXPECT_NE(complaints(request).find("method"), std::string::npos);
  request = request_of(GetParam(), GetParam().good);
  request.body.pop_back();
  EXPECT_NE(complaints(request), "");
  for (const std::string body :
       {"", "null", "[]", "{}", "1", "\"x\"", "[1]", "[[]]", "{\"a\":\xFF}"}) {
    request.body = body;
    EXPECT_NE(complaints(request), "") << body;
  }
  request = request_of(GetParam(), GetParam().good);
  request.headers = {{"Content-Type", "text/html"}};
  EXPECT_NE(complaints(request), "");
}

INSTANTIATE_TEST_SUITE_P(All, VendorSchema, testing::ValuesIn(samples()),
                         [](const auto& one) { return one.param.name; });

TEST(VendorSchema, BulkRequestsComeInPairsOfLines) {
  const std::string action = R"({"create":{"_index":"logs-t-default","_id":"1"}})";
  const std::string document = R"({"@timestamp":"2026-01-02T03:04:05Z","a.b":1})";
  const auto said = [](const std::string& body) {
    return joined(check_elasticsearch({.method = "POST",
                                       .target = "/_bulk?filter_path=errors",
                                       .headers = {{"Content-Type", "application/x-ndjson"}},
                                       .body = body}));
  };
  EXPECT_EQ(said(action + "\n" + document + "\n"), "");
  EXPECT_NE(said(action + "\n" + document), "");
  EXPECT_NE(said(action + "\n"), "");
  EXPECT_NE(said(""), "");
  EXPECT_NE(said(R"({"index":{}})"
                 "\n" +
                 document + "\n")
                .find("create"),
            std::string::npos);
  EXPECT_NE(said(R"({"create":{"_index":"Logs"}})"
                 "\n" +
                 document + "\n")
                .find("_index"),
            std::string::npos);
  EXPECT_NE(said(action + "\n{}\n").find("@timestamp"), std::string::npos);
  EXPECT_NE(said(action + "\n" +
                 R"({"@timestamp":"2026-01-02T03:04:05Z","a":1,"a.b":1})"
                 "\n")
                .find("holds"),
            std::string::npos);
  EXPECT_NE(said(action + "\n" +
                 R"({"@timestamp":"2026-01-02T03:04:05Z","a":1,"a":1})"
                 "\n")
                .find("twice"),
            std::string::npos);
}

TEST(VendorSchema, BinaryCloudEventsHaveTheirAttributesInHeaders) {
  PeerRequest request{.method = "POST",
                      .target = "/",
                      .headers = {{"Content-Type", "application/json"},
                                  {"ce-specversion", "1.0"},
                                  {"ce-id", "1"},
                                  {"ce-source", "s"},
                                  {"ce-type", "t"}},
                      .body = falco_alert().dump()};
  EXPECT_EQ(joined(check_cloud_events(request)), "");
  request.headers.emplace_back("ce-subject", "a b");
  EXPECT_NE(joined(check_cloud_events(request)).find("not encoded"), std::string::npos);
  request.headers.resize(3);
  EXPECT_NE(joined(check_cloud_events(request)).find("`source` is missing"), std::string::npos);
}

}  // namespace
}  // namespace tiercel::support
