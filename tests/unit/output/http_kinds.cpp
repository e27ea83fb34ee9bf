#include "http_kinds.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace tiercel::output {

namespace {

using support::PeerAnswer;
using support::PeerRequest;

PeerAnswer said(int status, std::string body, std::string type = "application/json") {
  PeerAnswer answer;
  answer.status = status;
  answer.body = std::move(body);
  answer.headers = {{"Content-Type", std::move(type)}};
  return answer;
}

PeerAnswer ok(const PeerRequest& /*request*/) { return said(200, "ok", "text/plain"); }
PeerAnswer no_content(const PeerRequest& /*request*/) { return said(204, ""); }
PeerAnswer empty(const PeerRequest& /*request*/) { return said(200, ""); }
PeerAnswer accepted(const PeerRequest& /*request*/) { return said(202, "{}"); }
PeerAnswer splunk(const PeerRequest& /*request*/) {
  return said(200, R"({"text":"Success","code":0})");
}
PeerAnswer pagerduty(const PeerRequest& /*request*/) {
  return said(202, R"({"status":"success","message":"Event processed","dedup_key":"x"})");
}
PeerAnswer slack_api(const PeerRequest& /*request*/) {
  return said(200, R"({"ok":true,"channel":"C1","ts":"1767323045.0001"})");
}

const std::string kKey32 = "0123456789abcdef0123456789abcdef";

const std::array<HttpKind, 12>& table() {
  static const std::array<HttpKind, 12> kKinds{{
      {.name = "http",
       .path = "/",
       .url_path = "/",
       .check = &support::check_falcosidekick,
       .takes = &ok},
      {.name = "alertmanager",
       .path = "/api/v2/alerts",
       .url_option = "urls",
       .check = &support::check_alertmanager,
       .takes = &empty,
       .is_batch = true},
      {.name = "elasticsearch",
       .path = "/_bulk",
       .check = &support::check_elasticsearch,
       .takes = &bulk_created,
       .is_batch = true},
      {.name = "loki",
       .path = "/loki/api/v1/push",
       .check = &support::check_loki,
       .takes = &no_content,
       .is_batch = true},
      {.name = "splunk_hec",
       .path = "/services/collector/event",
       .url_path = "/services/collector/event",
       .options = {{"token", "11111111-2222-3333-4444-555555555555"}},
       .check = &support::check_splunk_hec,
       .takes = &splunk,
       .is_batch = true},
      {.name = "datadog",
       .path = "/api/v2/logs",
       .url_path = "/api/v2/logs",
       .options = {{"api_key", kKey32}},
       .check = &support::check_datadog,
       .takes = &accepted,
       .is_batch = true},
      {.name = "slack",
       .path = "/api/chat.postMessage",
       .url_option = "webhook_url",
       .url_path = "/api/chat.postMessage",
       .options = {{"token", "xoxb-1"}, {"channel", "#alerts"}},
       .check = &support::check_slack,
       .takes = &slack_api},
      {.name = "teams",
       .path = "/workflows/1/triggers/manual/paths/invoke",
       .url_option = "webhook_url",
       .url_path = "/workflows/1/triggers/manual/paths/invoke?sig=x",
       .check = &support::check_teams,
       .takes = &accepted},
      {.name = "discord",
       .path = "/api/webhooks/1/x",
       .url_option = "webhook_url",
       .url_path = "/api/webhooks/1/x",
       .check = &support::check_discord,
       .takes = &no_content},
      {.name = "mattermost",
       .path = "/hooks/x",
       .url_option = "webhook_url",
       .url_path = "/hooks/x",
       .check = &support::check_mattermost,
       .takes = &ok},
      {.name = "pagerduty",
       .path = "/v2/enqueue",
       .url_path = "/v2/enqueue",
       .options = {{"routing_key", kKey32}},
       .check = &support::check_pagerduty,
       .takes = &pagerduty},
      {.name = "slack",
       .variant = "_webhook",
       .path = "/services/T1/B1/x",
       .url_option = "webhook_url",
       .url_path = "/services/T1/B1/x",
       .check = &support::check_slack,
       .takes = &ok},
  }};
  return kKinds;
}

constexpr std::array kOthers{OtherKind{"stdout", "tests/unit/output/stdout_output_test.cpp"},
                             OtherKind{"file", "tests/unit/output/local_failures_test.cpp"},
                             OtherKind{"journald", "tests/integration/peers/journald_test.cpp"},
                             OtherKind{"syslog", "tests/unit/output/local_failures_test.cpp"},
                             OtherKind{"program", "tests/unit/output/local_failures_test.cpp"},
                             OtherKind{"kafka", "tests/unit/output/kafka_output_test.cpp"},
                             OtherKind{"nats", "tests/integration/peers/nats_test.cpp"}};

}  // namespace

HttpKind::Options HttpKind::options_for(const std::string& address, const Options& more) const {
  Options all = options;
  const std::string url = address + std::string(url_path);
  all.emplace_back(url_option, url_option == "urls" ? "- " + url + "\n" : url);
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

std::span<const HttpKind> http_kinds() { return table(); }

const HttpKind& http_kind(std::string_view name) {
  const auto kind = std::find_if(table().begin(), table().end(),
                                 [name](const HttpKind& one) { return one.name == name; });
  if (kind == table().end()) {
    throw std::runtime_error("no row for " + std::string(name) + " in http_kinds.cpp");
  }
  return *kind;
}

std::span<const OtherKind> other_kinds() { return kOthers; }

support::PeerAnswer bulk_created(const support::PeerRequest& request) {
  std::string items;
  const auto lines = std::count(request.body.begin(), request.body.end(), '\n');
  for (auto at = lines / 2; at > 0; --at) {
    items += items.empty() ? "" : ",";
    items += R"({"create":{"status":201}})";
  }
  return said(200, R"({"errors":false,"items":[)" + items + "]}");
}

}  // namespace tiercel::output
