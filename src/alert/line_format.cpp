#include "tiercel/alert/line_format.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "tiercel/alert/alert_view.h"
#include "tiercel/audit/local_zone.h"
#include "tiercel/base/json_text.h"

#include "time_text.h"

namespace tiercel::alert {

namespace {

constexpr std::string_view kInternalSource = "tiercel";

class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) {}
  // `json` is a value as it stands; an empty one is a member that is not there.
  void member(std::string_view name, std::string_view json) {
    if (!json.empty()) {
      begin(name);
      out_ += json;
    }
  }
  // `inside` is the inside of a string, escaped already.
  void text(std::string_view name, std::string_view inside) {
    begin(name);
    out_ += '"';
    out_ += inside;
    out_ += '"';
  }
  void end() { out_ += "}\n"; }

 private:
  void begin(std::string_view name) {
    out_ += is_first_ ? "{\"" : ",\"";
    out_ += name;
    out_ += "\":";
    is_first_ = false;
  }
  std::string& out_;
  bool is_first_ = true;
};

// The part of the text alert that is the message, still escaped.
std::string_view message_of(const AlertView& view) {
  const std::size_t colon = view.output.find(": ");
  if (colon == std::string_view::npos ||
      !view.output.substr(colon + 2).starts_with(view.priority)) {
    return view.output;
  }
  return view.output.substr(std::min(colon + 3 + view.priority.size(), view.output.size()));
}

// An alert of our own: its `output` has neither time nor priority, and a text line has no
// other place for its fields.
void append_internal_text(std::string& out, const AlertView& view, bool escape) {
  std::int64_t time = 0;
  const std::string digits = view.field_json("evt.time");
  std::from_chars(digits.data(), digits.data() + digits.size(), time);
  const auto offset = static_cast<std::int64_t>(audit::LocalZone().offset());
  append_clock_time(out, time + offset * 1'000'000'000);
  out += ": ";
  out += view.priority;
  out += ' ';
  view.append_text(out, escape);
  out += " (";
  std::string_view before;
  view.for_each_field([&](std::string_view name, std::string_view value) {
    if (name != "evt.time") {
      out += before;
      before = " ";
      base::append_json_escaped(out, name);
      out += '=';
      out += value;
    }
    return true;
  });
  out += ')';
}

bool is_as_stored(const LineFormat& format) {
  return format.include_output && format.include_tags && !format.include_message &&
         format.include_output_fields && format.include_alert_id && format.include_apiserver &&
         format.include_rules_hash;
}

void append_json(std::string& out, const AlertView& view, const LineFormat& format) {
  ObjectWriter writer(out);
  if (format.include_alert_id && !view.alert_id.empty()) {
    writer.text("alert_id", view.alert_id);
  }
  if (format.include_apiserver && !view.apiserver.empty()) {
    writer.text("apiserver", view.apiserver);
  }
  writer.text("hostname", view.hostname);
  if (format.include_message) {
    writer.text("message", message_of(view));
  }
  if (format.include_output) {
    writer.text("output", view.output);
  }
  if (format.include_output_fields) {
    writer.member("output_fields", view.output_fields);
  }
  writer.text("priority", view.priority);
  writer.text("rule", view.rule);
  if (format.include_rules_hash && !view.rules_hash.empty()) {
    writer.text("rules_hash", view.rules_hash);
  }
  writer.text("source", view.source);
  if (format.include_tags) {
    writer.member("tags", view.tags);
  }
  writer.text("time", view.time);
  writer.end();
}

}  // namespace

void append_line(std::string& out, std::string_view body, const LineFormat& format) {
  if (format.json && is_as_stored(format)) {
    out += body;
    return;
  }
  const std::optional<AlertView> view = AlertView::parse(body);
  if (!view) {
    out += body;
  } else if (format.json) {
    append_json(out, *view, format);
  } else {
    if (view->source == kInternalSource) {
      append_internal_text(out, *view, format.escape_text);
    } else {
      view->append_text(out, format.escape_text);
    }
    out += '\n';
  }
}

}  // namespace tiercel::alert
