#include "output_fields.h"

#include <utility>

#include "tiercel/base/json_text.h"

#include "escape.h"
#include "number_text.h"

namespace tiercel::alert {

namespace {

using base::Value;

void append_list(std::string& out, std::span<const std::string_view> elements) {
  char before = '[';
  for (const std::string_view element : elements) {
    out += before;
    base::append_json_string(out, element);
    before = ',';
  }
  out += ']';
}

void append_plain(std::string& out, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kAbsent:
      out += "null";
      return;
    case Value::Kind::kText:
      // DIFFERS FROM FALCO: its decoder swallows the neighbours of an invalid byte.
      base::append_json_string(out, value.as_text());
      return;
    case Value::Kind::kNumber:
      append_number(out, value.as_number());
      return;
    case Value::Kind::kBoolean:
      out += value.as_boolean() ? "true" : "false";
      return;
    case Value::Kind::kList:
      append_list(out, value.as_list());
      return;
  }
}

}  // namespace

OutputFields::Entry OutputFields::entry_of(audit::FieldId id, const audit::FieldSet& fields) const {
  const audit::Field& field = *fields[id].field;
  Entry entry;
  entry.id = id;
  entry.policy = redact_ ? field_policy(fields[id]) : FieldPolicy::kKeep;
  entry.form = field.clean_text ? Form::kCleanText : Form::kPlain;
  if (field.json == audit::FieldJson::kEventTime) {
    entry.form = Form::kEventTime;
  } else if (field.json == audit::FieldJson::kSigned) {
    entry.form = Form::kSigned;
  }
  return entry;
}

void OutputFields::add(audit::FieldId id, const audit::FieldSet& fields) {
  by_key_.insert_or_assign(fields[id].key, entry_of(id, fields));
}

bool OutputFields::add_extra(const AppendOutput::ExtraField& extra, audit::FieldSet& fields,
                             std::span<const std::string> static_names,
                             std::vector<TemplateProblem>& out) {
  const std::size_t before = out.size();
  std::optional<OutputTemplate> parsed = OutputTemplate::parse(
      extra.raw ? "%" + extra.key : extra.template_text, fields, static_names, out);
  for (std::size_t at = before; at < out.size(); ++at) {
    TemplateProblem& problem = out[at];
    problem.in_rule = false;
    problem.message = "extra_fields: '" + extra.key + "': " + problem.message;
    // skip-if-unknown-filter speaks of the rule, not of the configuration.
    if (problem.kind == TemplateProblem::Kind::kUnknownFilter) {
      problem.kind = TemplateProblem::Kind::kError;
    }
  }
  if (!parsed) {
    return false;
  }
  Entry entry;
  if (!extra.raw) {
    if (redact_) {
      parsed->redact(fields);
    }
    entry.form = Form::kMessage;
    entry.message = std::make_unique<const OutputTemplate>(std::move(*parsed));
  } else {
    // Only a field written exactly as its key has a value; anything else is null.
    for (const audit::FieldId id : parsed->fields()) {
      if (fields[id].key == extra.key) {
        entry = entry_of(id, fields);
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

Value OutputFields::shown(const Entry& entry, audit::FieldMap& map, RedactionMemo& memo) {
  return entry.policy == FieldPolicy::kKeep ? map.get(entry.id)
                                            : memo.get(map, entry.id, entry.policy);
}

void OutputFields::append(const Entry& entry, audit::FieldMap& map, RedactionMemo& memo,
                          std::string& out) {
  switch (entry.form) {
    case Form::kNull:
      out += "null";
      return;
    case Form::kEventTime:
      append_number(out, map.event().time());
      return;
    case Form::kSigned:
      append_number(out, static_cast<std::int64_t>(map.get(entry.id).as_number()));
      return;
    case Form::kPlain:
      append_plain(out, shown(entry, map, memo));
      return;
    case Form::kCleanText: {
      const Value value = shown(entry, map, memo);
      if (!value.is_text()) {
        append_plain(out, value);
        return;
      }
      out += '"';
      const std::size_t start = out.size();
      append_clean(out, value.as_text());
      escape_from(out, start, map.arena());
      out += '"';
      return;
    }
    case Form::kMessage: {
      out += '"';
      const std::size_t start = out.size();
      entry.message->render(map, memo, out);
      escape_from(out, start, map.arena());
      out += '"';
      return;
    }
  }
}

void OutputFields::render(audit::FieldMap& map, RedactionMemo& memo, std::string& out) const {
  out += '{';
  for (const Entry& entry : entries_) {
    out += entry.head;
    append(entry, map, memo, out);
  }
  out += '}';
}

}  // namespace tiercel::alert
