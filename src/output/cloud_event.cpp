#include "cloud_event.h"

#include "tiercel/alert/alert_id.h"
#include "tiercel/alert/alert_view.h"
#include "tiercel/base/json_text.h"
#include "tiercel/http/client.h"

namespace tiercel::output {

namespace {

constexpr std::string_view kType = "io.tiercel.alert.v1";

struct Attributes {
  std::string id;
  std::string source = "tiercel";
  std::string subject;
  std::string time;
};

Attributes attributes_of(const Message& message) {
  Attributes attributes;
  attributes.id = alert::to_text(alert::AlertId{message.alert->id});
  attributes.subject = message.alert->rule;
  if (const auto view = alert::AlertView::parse(message.alert->body)) {
    attributes.source = "tiercel/" + http::url_encode(alert::unescape_json(view->hostname));
    attributes.time = view->time;
  }
  return attributes;
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  out += ",\"";
  out += name;
  out += "\":";
  base::append_json_string(out, value);
}

}  // namespace

void append_cloud_event(std::string& out, const Message& message) {
  const Attributes attributes = attributes_of(message);
  out += "{\"specversion\":\"1.0\"";
  append_member(out, "id", attributes.id);
  append_member(out, "source", attributes.source);
  append_member(out, "type", kType);
  append_member(out, "subject", attributes.subject);
  if (!attributes.time.empty()) {
    append_member(out, "time", attributes.time);
  }
  append_member(out, "datacontenttype", "application/json");
  out += ",\"data\":";
  std::string_view line = message.line;
  line.remove_suffix(line.ends_with('\n') ? 1 : 0);
  if (line.starts_with('{')) {
    out += line;
  } else {
    base::append_json_string(out, line);
  }
  out += '}';
}

// Attributes in headers are percent-encoded where they are no plain ASCII.
std::vector<std::pair<std::string, std::string>> cloud_event_headers(const Message& message) {
  const Attributes attributes = attributes_of(message);
  std::vector<std::pair<std::string, std::string>> headers{
      {"ce-specversion", "1.0"},
      {"ce-id", attributes.id},
      {"ce-source", attributes.source},
      {"ce-type", std::string(kType)},
      {"ce-subject", http::url_encode(attributes.subject)}};
  if (!attributes.time.empty()) {
    headers.emplace_back("ce-time", attributes.time);
  }
  return headers;
}

}  // namespace tiercel::output
