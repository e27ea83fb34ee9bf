// Falcosidekick, CloudEvents, Alertmanager, PagerDuty.
#include <algorithm>
#include <set>

#include "vendor_check.h"

namespace tiercel::support {

namespace {

using Json = VendorCheck::Json;
using Need = VendorCheck::Need;

constexpr std::size_t kNoLimit = std::size_t{1} << 30U;

void check_falco_alert(VendorCheck& check, const Json& alert) {
  check.only(alert, {"alert_id", "hostname", "message", "output", "output_fields", "priority",
                     "apiserver", "rules_hash", "rule", "source", "tags", "time", "uuid"});
  check.text(alert, "rule", kNoLimit);
  check.text(alert, "output", kNoLimit);
  check.text(alert, "source", kNoLimit);
  check.text(alert, "hostname", kNoLimit);
  check.one_of(
      alert, "priority",
      {"Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Informational", "Debug"});
  check.time(alert, "time");
  check.object(alert, "output_fields");
  if (alert.is_object() && alert.contains("tags")) {
    check.expect(alert["tags"].is_array(), "`tags` is no list");
    for (const Json& tag : alert["tags"]) {
      check.expect(tag.is_string(), "a tag is no text");
    }
  }
}

bool is_attribute_name(const std::string& name) {
  return !name.empty() && name.size() <= 20 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  });
}

void check_event(VendorCheck& check, const Json& event) {
  check.one_of(event, "specversion", {"1.0"});
  for (const char* const name : {"id", "source", "type"}) {
    check.text(event, name, kNoLimit);
  }
  for (const char* const name : {"subject", "datacontenttype", "dataschema"}) {
    if (event.is_object() && event.contains(name)) {
      check.text(event, name, kNoLimit);
    }
  }
  check.time(event, "time", Need::kOptional);
  if (!event.is_object()) {
    return;
  }
  for (const auto& [name, value] : event.items()) {
    const bool is_data = name == "data" || name == "data_base64";
    check.expect(is_data || is_attribute_name(name), "`" + name + "` is no attribute's name");
    check.expect(is_data || value.is_primitive(), "`" + name + "` is no simple value");
  }
  const std::string source = text_at(event, "source");
  check.expect(source.find_first_of(" <>{}|^`\"") == std::string::npos,
               "`source` is no URI reference");
  if (event.contains("data") && at(event, "datacontenttype") == "application/json") {
    check_falco_alert(check, event["data"]);
  }
}

void check_binary_event(VendorCheck& check) {
  const PeerRequest& request = check.request();
  Json event = Json::object();
  for (const auto& [name, value] : request.headers) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (lower.starts_with("ce-")) {
      event[lower.substr(3)] = value;
      check.expect(std::all_of(value.begin(), value.end(),
                               [](char c) { return c >= 0x21 && c <= 0x7E && c != '"'; }),
                   name + " is not encoded: " + value);
    }
  }
  check.expect(!event.contains("datacontenttype"),
               "Content-Type says what ce-datacontenttype does");
  check_event(check, event);
  check_falco_alert(check, check.body());
}

}  // namespace

Complaints check_falcosidekick(const PeerRequest& request) {
  VendorCheck check(request);
  check.posted("/", "application/json");
  check_falco_alert(check, check.body());
  return check.complaints();
}

Complaints check_cloud_events(const PeerRequest& request) {
  VendorCheck check(request);
  check.expect(request.method == "POST", "the method is " + request.method);
  const std::string type = request.header("content-type");
  if (type == "application/cloudevents-batch+json") {
    const Json events = check.body();
    check.expect(events.is_array(), "a batch is no list");
    for (const Json& event : events) {
      check_event(check, event);
    }
  } else if (type == "application/cloudevents+json") {
    check_event(check, check.body());
  } else {
    check_binary_event(check);
  }
  return check.complaints();
}

Complaints check_alertmanager(const PeerRequest& request) {
  VendorCheck check(request);
  check.posted("/api/v2/alerts", "application/json");
  const Json alerts = check.body();
  check.expect(alerts.is_array() && !alerts.empty(), "the body is no list of alerts");
  for (const Json& alert : alerts) {
    check.only(alert, {"labels", "annotations", "startsAt", "endsAt", "generatorURL"});
    check.object(alert, "labels");
    check.time(alert, "startsAt", Need::kOptional);
    check.time(alert, "endsAt", Need::kOptional);
    if (!alert.is_object() || !alert.contains("labels")) {
      continue;
    }
    check.text(alert["labels"], "alertname", kNoLimit);
    for (const char* const set : {"labels", "annotations"}) {
      const Json texts = object_at(alert, set);
      for (const auto& [name, value] : texts.items()) {
        check.expect(is_label_name(name), "`" + name + "` is no label's name");
        check.expect(value.is_string(), "`" + name + "` is no text");
      }
    }
    const auto time = [&alert](const char* name) { return text_at(alert, name); };
    check.expect(time("endsAt").empty() || time("startsAt") < time("endsAt"),
                 "endsAt is not behind startsAt");
    const std::string url = text_at(alert, "generatorURL");
    check.expect(url.empty() || url.starts_with("http"), "`generatorURL` is no URL");
  }
  return check.complaints();
}

Complaints check_pagerduty(const PeerRequest& request) {
  VendorCheck check(request);
  check.posted("/v2/enqueue", "application/json");
  check.expect(request.body.size() <= std::size_t{512} << 10U, "the event is over 512 KB");
  const Json event = check.body();
  check.only(event, {"routing_key", "event_action", "dedup_key", "payload", "images", "links",
                     "client", "client_url"});
  check.text(event, "routing_key", 32);
  check.expect(text_at(event, "routing_key").size() == 32, "`routing_key` has not 32 characters");
  check.one_of(event, "event_action", {"trigger", "acknowledge", "resolve"});
  check.text(event, "dedup_key", 255);
  check.object(event, "payload");
  const Json payload = object_at(event, "payload");
  check.only(payload, {"summary", "source", "severity", "timestamp", "component", "group", "class",
                       "custom_details"});
  check.text(payload, "summary", 1024);
  check.text(payload, "source", kNoLimit);
  check.one_of(payload, "severity", {"critical", "error", "warning", "info"});
  check.time(payload, "timestamp", Need::kOptional);
  for (const char* const name : {"component", "group", "class"}) {
    check.text(payload, name, kNoLimit, Need::kOptional);
  }
  const Json details = object_at(payload, "custom_details");
  check.expect(details.is_object(), "`custom_details` is no object");
  return check.complaints();
}

}  // namespace tiercel::support
