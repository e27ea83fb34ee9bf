#include <algorithm>

#include "tiercel/alert/rule_output.h"
#include "tiercel/audit/local_zone.h"
#include "tiercel/base/json_text.h"

#include "time_text.h"

namespace tiercel::alert {

namespace {

constexpr std::string_view kSource = "tiercel";

void append_member(std::string& out, std::string_view name, std::string_view value) {
  base::append_json_string(out, name);
  out += ':';
  base::append_json_string(out, value);
}

void render_json(const InternalAlert& alert, const AlertOptions& options, std::string& out) {
  auto fields = alert.fields;
  std::sort(fields.begin(), fields.end());
  out += '{';
  append_member(out, "hostname", options.hostname);
  out += ',';
  append_member(out, "output", alert.message);
  // falcosidekick refuses an alert without output fields: the time is always there.
  out += ",\"output_fields\":{\"evt.time\":" + std::to_string(alert.time);
  for (const auto& [name, value] : fields) {
    out += ',';
    append_member(out, name, value);
  }
  out += "},";
  append_member(out, "priority", base::to_text(alert.priority));
  out += ',';
  append_member(out, "rule", "tiercel: " + alert.code);
  out += ',';
  append_member(out, "source", kSource);
  out += ",\"time\":\"";
  append_iso_time(out, alert.time);
  out += "Z\"}\n";
}

void render_text(const InternalAlert& alert, std::string& out) {
  auto fields = alert.fields;
  std::sort(fields.begin(), fields.end());
  constexpr std::int64_t kSecond = 1'000'000'000;
  append_clock_time(out, alert.time + audit::LocalZone().offset() * kSecond);
  out += ": " + std::string(base::to_text(alert.priority)) + " ";
  base::append_json_escaped(out, "tiercel: " + alert.code + ": " + alert.message);
  out += " (";
  bool first = true;
  for (const auto& [name, value] : fields) {
    out += first ? "" : " ";
    first = false;
    base::append_json_escaped(out, name);
    out += '=';
    base::append_json_string(out, value);
  }
  out += ")\n";
}

}  // namespace

void render_internal(const InternalAlert& alert, const AlertOptions& options, std::string& out) {
  if (options.json_output) {
    render_json(alert, options, out);
  } else {
    render_text(alert, out);
  }
}

}  // namespace tiercel::alert
