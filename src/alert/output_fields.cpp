#include "output_fields.h"

#include <charconv>
#include <utility>

#include "tiercel/base/json_text.h"
#include "tiercel/condition/parser.h"

namespace tiercel::alert {

namespace {

template <class Number>
void append_number(std::string& out, Number number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

}  // namespace

void OutputFields::add(audit::FieldId id, const audit::FieldSet& fields) {
  const audit::FieldRef& reference = fields[id];
  Entry entry;
  entry.field = reference.field;
  entry.id = id;
  by_key_.insert_or_assign(reference.key, std::move(entry));
}

bool OutputFields::add_extra(const AppendOutput::ExtraField& extra, audit::FieldSet& fields,
                             std::span<const std::string> static_names,
                             std::vector<TemplateProblem>& out) {
  const std::string text = extra.raw ? "%" + extra.key : extra.template_text;
  const std::size_t before = out.size();
  std::optional<OutputTemplate> parsed = OutputTemplate::parse(text, fields, static_names, out);
  for (std::size_t at = before; at < out.size(); ++at) {
    // Faults here always stop the rule, whatever skip-if-unknown-filter says.
    TemplateProblem& problem = out[at];
    problem.in_rule = false;
    if (problem.kind == TemplateProblem::Kind::kUnknownFilter) {
      problem.kind = TemplateProblem::Kind::kError;
    }
    problem.message = "extra_fields: " + problem.message;
  }
  if (!parsed) {
    return false;
  }
  Entry entry;
  if (!extra.raw) {
    entry.format = std::make_shared<const OutputTemplate>(std::move(*parsed));
  } else {
    // A raw field has a value only when it is written exactly as its key is.
    for (const audit::FieldId id : parsed->fields()) {
      if (fields[id].key == extra.key) {
        entry.id = id;
        entry.field = fields[id].field;
      }
    }
  }
  by_key_.insert_or_assign(extra.key, std::move(entry));
  return true;
}

void OutputFields::finish() {
  for (auto& [key, entry] : by_key_) {
    entry.head = entries_.empty() ? "" : ",";
    base::append_json_string(entry.head, key);
    entry.head += ':';
    entries_.push_back(std::move(entry));
  }
  by_key_.clear();
}

void OutputFields::append_value(const Entry& entry, audit::FieldMap& map, std::string& out) {
  if (entry.format != nullptr) {
    out += '"';
    entry.format->render(map, Escape::kJson, out);
    out += '"';
    return;
  }
  if (!entry.id) {
    out += "null";
    return;
  }
  if (entry.field->json == audit::FieldJson::kEventTime) {
    append_number(out, map.event().time());
    return;
  }
  const base::Value& value = map.get(*entry.id);
  switch (value.kind()) {
    case base::Value::Kind::kAbsent:
      out += "null";
      return;
    case base::Value::Kind::kText:
      if (entry.field->clean_text) {
        base::append_json_string(out, clean_text(value.as_text()));
      } else {
        base::append_json_string(out, value.as_text());
      }
      return;
    case base::Value::Kind::kNumber:
      if (entry.field->json == audit::FieldJson::kSigned) {
        append_number(out, static_cast<std::int64_t>(value.as_number()));
      } else {
        append_number(out, value.as_number());
      }
      return;
    case base::Value::Kind::kBoolean:
      out += value.as_boolean() ? "true" : "false";
      return;
    case base::Value::Kind::kList: {
      out += '[';
      bool first = true;
      for (const std::string_view element : value.as_list()) {
        out += first ? "" : ",";
        first = false;
        base::append_json_string(out, element);
      }
      out += ']';
      return;
    }
  }
}

void OutputFields::render(audit::FieldMap& map, std::string& out) const {
  out += '{';
  for (const Entry& entry : entries_) {
    out += entry.head;
    append_value(entry, map, out);
  }
  out += '}';
}

}  // namespace tiercel::alert
