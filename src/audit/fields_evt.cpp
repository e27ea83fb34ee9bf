#include "field_table.h"
#include "time_text.h"
#include "walk.h"

// evt.*: what the daemon knows of the event, and static.*: what the operator added.

namespace tiercel::audit {

namespace {

using base::Value;
using base::ValueType;

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint8_t kFractionDigits = 9;

std::uint64_t raw_time(const FieldInput& input) {
  return static_cast<std::uint64_t>(input.event.time());
}

// Events arrive out of order: an older one than the first wraps, as in Falco.
std::uint64_t relative_time(const FieldInput& input) {
  return raw_time(input) - static_cast<std::uint64_t>(input.context.first_event_time);
}

// Local: the offset in whole seconds leaves the fraction as it is. Wraps instead of
// overflowing for a time at the end of what 64 bits can hold.
template <bool date, bool fraction>
Value local_time(const FieldInput& input, base::Arena& arena) {
  const auto offset = static_cast<std::uint64_t>(input.context.zone.offset());
  const auto local = static_cast<std::int64_t>(raw_time(input) + offset * kSecond);
  return Value::text(
      time_text(local, {.date = date, .separator = ' ', .fraction = fraction, .zone = ""}, arena));
}

Value iso_time(const FieldInput& input, base::Arena& arena) {
  return Value::text(time_text(input.event.time(),
                               {.date = true, .separator = 'T', .fraction = true, .zone = "+0000"},
                               arena));
}

Value event_number(const FieldInput& input, base::Arena& /*arena*/) {
  return Value::number(input.event.number());
}

template <std::uint64_t (*time)(const FieldInput&)>
Value nanoseconds(const FieldInput& input, base::Arena& /*arena*/) {
  return Value::number(time(input));
}
template <std::uint64_t (*time)(const FieldInput&)>
Value whole_seconds(const FieldInput& input, base::Arena& /*arena*/) {
  return Value::number(time(input) / kSecond);
}
template <std::uint64_t (*time)(const FieldInput&)>
Value fraction_of_second(const FieldInput& input, base::Arena& /*arena*/) {
  return Value::number(time(input) % kSecond);
}

Value source_name(const FieldInput& /*input*/, base::Arena& /*arena*/) {
  return Value::text("k8s_audit");
}
Value plugin_name(const FieldInput& /*input*/, base::Arena& /*arena*/) {
  return Value::text("k8saudit");
}
Value plugin_info(const FieldInput& input, base::Arena& arena) {
  return Value::text(cut_at_nul(input.event.root().compact(arena)));
}
Value is_async(const FieldInput& /*input*/, base::Arena& /*arena*/) {
  return Value::boolean(false);
}
Value absent(const FieldInput& /*input*/, base::Arena& /*arena*/) { return Value::absent(); }
Value hostname(const FieldInput& input, base::Arena& /*arena*/) {
  return Value::text(cut_at_nul(input.context.hostname));
}

Value static_value(const FieldInput& input, base::Arena& /*arena*/) {
  for (const auto& [name, value] : input.context.static_fields) {
    if (name == input.argument.text) {
      return Value::text(cut_at_nul(value));
    }
  }
  return Value::absent();
}

Field evt_field(std::string_view name, ValueType type, std::string_view since, std::string_view doc,
                decltype(Field::extract) extract) {
  Field field;
  field.name = name;
  field.shape = {type, false};
  field.clean_text = type == ValueType::kText;
  field.field_class = kEventClass;
  field.since = since;
  field.doc = doc;
  field.extract = extract;
  return field;
}

Field time_field(std::string_view name, std::string_view doc, decltype(Field::extract) extract) {
  Field field = evt_field(name, ValueType::kText, "Falco 0.32", doc, extract);
  field.json = FieldJson::kEventTime;
  return field;
}

Field padded(Field field) {
  field.text_digits = kFractionDigits;
  return field;
}

void add_time_fields(FieldTable& table) {
  table.add(time_field("evt.time",
                       "The local time of day of the event with nanoseconds, HH:MM:SS.nnnnnnnnn.",
                       local_time<false, true>));
  table.add(time_field("evt.time.s", "The local time of day of the event, HH:MM:SS.",
                       local_time<false, false>));
  table.add(time_field("evt.time.iso8601",
                       "The date and time of the event in UTC, with nanoseconds.", iso_time));
  table.add(time_field("evt.datetime",
                       "The local date and time of the event, YYYY-MM-DD HH:MM:SS.nnnnnnnnn.",
                       local_time<true, true>));
  table.add(time_field("evt.datetime.s",
                       "The local date and time of the event, YYYY-MM-DD HH:MM:SS.",
                       local_time<true, false>));
}

void add_number_fields(FieldTable& table) {
  table.add(evt_field("evt.num", ValueType::kUnsigned, "Falco 0.32",
                      "The number of the event, counted from 1 as events are evaluated.",
                      event_number));
  table.add(evt_field("evt.rawtime", ValueType::kTime, "Falco 0.32",
                      "The time of the event in nanoseconds since 1970.", nanoseconds<raw_time>));
  table.add(evt_field("evt.rawtime.s", ValueType::kTime, "Falco 0.32",
                      "The time of the event in whole seconds since 1970.",
                      whole_seconds<raw_time>));
  table.add(padded(evt_field("evt.rawtime.ns", ValueType::kTime, "Falco 0.32",
                             "The nanoseconds within the second of the event's time.",
                             fraction_of_second<raw_time>)));
  Field reltime = padded(
      evt_field("evt.reltime", ValueType::kDuration, "Falco 0.32",
                "The nanoseconds between the first event of this run and this one. An older event "
                "wraps to a very large number.",
                nanoseconds<relative_time>));
  reltime.json = FieldJson::kSigned;
  table.add(reltime);
  table.add(evt_field("evt.reltime.s", ValueType::kDuration, "Falco 0.32",
                      "The whole seconds of evt.reltime.", whole_seconds<relative_time>));
  table.add(padded(evt_field("evt.reltime.ns", ValueType::kDuration, "Falco 0.32",
                             "The nanoseconds within the second of evt.reltime.",
                             fraction_of_second<relative_time>)));
}

void add_origin_fields(FieldTable& table) {
  table.add(evt_field("evt.source", ValueType::kText, "Falco 0.35", "The event source, k8s_audit.",
                      source_name));
  table.add(evt_field("evt.pluginname", ValueType::kText, "Falco 0.32",
                      "The plugin that the event would come from in Falco, k8saudit.",
                      plugin_name));
  table.add(reads(FieldPart::kEvent, evt_field("evt.plugininfo", ValueType::kText, "Falco 0.32",
                                               "The whole event as compact JSON.", plugin_info)));
  table.add(evt_field("evt.is_async", ValueType::kBoolean, "Falco 0.35",
                      "Whether the event is asynchronous: false for every audit event.", is_async));
  table.add(evt_field("evt.asynctype", ValueType::kText, "Falco 0.35",
                      "The type of an asynchronous event: absent for every audit event.", absent));
  table.add(evt_field("evt.hostname", ValueType::kText, "Falco 0.36",
                      "The name of the host the daemon runs on, or what FALCO_HOSTNAME says.",
                      hostname));
}

}  // namespace

void add_evt_fields(FieldTable& table) {
  add_number_fields(table);
  add_time_fields(table);
  add_origin_fields(table);
  Field constant;
  constant.name = kStaticPrefix;
  constant.field_class = kStaticClass;
  constant.since = "Falco 0.42";
  constant.doc = "The value of this name in the configured static_fields, as text.";
  constant.extract = static_value;
  table.add(constant);
}

}  // namespace tiercel::audit
