#include "tiercel/alert/internal_alert.h"

#include <cstdint>
#include <map>

#include "tiercel/alert/redactor.h"
#include "tiercel/audit/local_zone.h"
#include "tiercel/base/json_text.h"

#include "json_member.h"
#include "redact_names.h"
#include "time_text.h"

namespace tiercel::alert {

namespace {

constexpr std::string_view kSource = "tiercel";
constexpr std::string_view kTime = "evt.time";

std::string rule_name(const InternalAlert& alert) { return own_rule(alert.code); }

// The text says the code too: outputs without JSON have no other place for it.
std::string message_of(const InternalAlert& alert) {
  return rule_name(alert) + ": " + alert.message;
}

// In byte order of the names; of equal ones the last counts, evt.time is ours.
std::map<std::string_view, std::string_view> sorted_fields(const InternalAlert& alert) {
  std::map<std::string_view, std::string_view> fields;
  for (const auto& [name, value] : alert.fields) {
    fields.insert_or_assign(name, value);
  }
  fields.erase(kTime);
  return fields;
}

void render_json(const InternalAlert& alert, std::string_view apiserver,
                 const AlertOptions& options, std::string& out) {
  auto fields = sorted_fields(alert);
  fields.emplace(kTime, "");
  out += '{';
  if (options.json_include_alert_id_property) {
    append_member(out, "alert_id", to_text(alert.id));
    out += ',';
  }
  if (options.json_include_apiserver_property && !apiserver.empty()) {
    append_member(out, "apiserver", apiserver);
    out += ',';
  }
  append_member(out, "hostname", options.hostname);
  out += ',';
  append_member(out, "output", message_of(alert));
  // falcosidekick refuses an alert whose output_fields is empty: the time is always there.
  out += ",\"output_fields\":";
  char before = '{';
  for (const auto& [name, value] : fields) {
    out += before;
    before = ',';
    if (name == kTime) {
      out += "\"evt.time\":" + std::to_string(alert.time);
    } else {
      append_member(out, name, value);
    }
  }
  out += "},";
  append_member(out, "priority", base::to_text(alert.priority));
  out += ',';
  append_member(out, "rule", rule_name(alert));
  out += ',';
  if (options.json_include_rules_hash_property && !options.rules_hash.empty()) {
    append_member(out, "rules_hash", options.rules_hash);
    out += ',';
  }
  append_member(out, "source", kSource);
  out += ",\"time\":\"";
  append_iso_time(out, alert.time);
  out += "Z\"}\n";
}

void render_text(const InternalAlert& alert, const AlertOptions& options, std::string& out) {
  constexpr std::uint64_t kSecond = 1'000'000'000;
  const auto offset = static_cast<std::uint64_t>(audit::LocalZone().offset());
  append_clock_time(
      out, static_cast<std::int64_t>(static_cast<std::uint64_t>(alert.time) + offset * kSecond));
  out += ": ";
  out += base::to_text(alert.priority);
  out += ' ';
  if (options.escape_text) {
    base::append_json_escaped(out, message_of(alert));
  } else {
    out += message_of(alert);
  }
  out += " (";
  std::string_view before;
  for (const auto& [name, value] : sorted_fields(alert)) {
    out += before;
    before = " ";
    base::append_json_escaped(out, name);
    out += '=';
    base::append_json_string(out, value);
  }
  out += ")\n";
}

InternalAlert redacted(InternalAlert alert) {
  redact_text(alert.message);
  for (auto& [name, value] : alert.fields) {
    if (is_credential_name(name) && is_worth_masking(value)) {
      value = kMask;
    } else {
      redact_text(value);
    }
  }
  return alert;
}

}  // namespace

void render_internal(const InternalAlert& raw, const AlertOptions& options, std::string& out) {
  render_internal(raw, {}, options, out);
}

void render_internal(const InternalAlert& raw, const AlertOrigin& origin,
                     const AlertOptions& options, std::string& out) {
  const InternalAlert alert = options.redact ? redacted(raw) : raw;
  if (options.json_output) {
    std::string apiserver(origin.apiserver);
    if (options.redact) {
      redact_text(apiserver);
    }
    render_json(alert, apiserver, options, out);
  } else {
    render_text(alert, options, out);
  }
}

}  // namespace tiercel::alert
