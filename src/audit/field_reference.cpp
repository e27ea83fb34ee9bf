#include "tiercel/audit/field_reference.h"

#include <array>
#include <vector>

#include "tiercel/audit/field.h"
#include "tiercel/base/json_text.h"

#include "field_table.h"

namespace tiercel::audit {

namespace {

constexpr std::size_t kLeft = 30;   // the column of names
constexpr std::size_t kRight = 90;  // the column of sentences
constexpr std::string_view kSource = "k8s_audit";

struct FieldClass {
  std::string_view name;
  std::string_view note;  // behind the name, in parentheses
  std::string_view doc;
};
// All of them are there for events of our one source.
constexpr std::array<FieldClass, 4> kClasses{{
    {kEventClass, "All event types", "What is known of every event."},
    {kStaticClass, "All event types", "The configured static_fields."},
    {kAuditClass, "plugin", "Read from Kubernetes audit events."},
    {kJsonClass, "plugin", "The event as a JSON document."},
}};

std::string heading(const FieldClass& field_class) {
  return std::string(field_class.name) + " (" + std::string(field_class.note) + ')';
}

std::vector<const Field*> rows_of(const FieldClass& field_class) {
  std::vector<const Field*> rows;
  for (const Field& field : fields()) {
    if (field.field_class == field_class.name) {
      rows.push_back(&field);
    }
  }
  return rows;
}

std::string display_name(const Field& field) {
  return std::string(field.name) + (field.name == kStaticPrefix ? "NAME" : "");
}

std::string type_name(const Field& field) {
  const auto base = [&field]() -> std::string {
    switch (field.shape.type) {
      case base::ValueType::kText:
        return "CHARBUF";
      case base::ValueType::kUnsigned:
        return "UINT64";
      case base::ValueType::kBoolean:
        return "BOOL";
      case base::ValueType::kTime:
        return "ABSTIME";
      case base::ValueType::kDuration:
        return "RELTIME";
    }
    return {};
  }();
  return field.shape.is_list ? "LIST(" + base + ')' : base;
}

std::string tags(const Field& field, bool types) {
  std::vector<std::string> words;
  if (types) {
    words.push_back(type_name(field));
  }
  if (field.arg != FieldArg::kNone && !field.arg_required) {
    words.emplace_back("ARG_ALLOWED");
  }
  if (field.arg == FieldArg::kIndex) {
    words.emplace_back("ARG_INDEX");
  }
  if (field.arg == FieldArg::kKey) {
    words.emplace_back("ARG_KEY");
  }
  if (field.arg_required) {
    words.emplace_back("ARG_REQUIRED");
  }
  if (field.shape.is_list) {
    words.emplace_back("EPF_IS_LIST");
  }
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "(" : ",") + word;
  }
  return text.empty() ? text : text + ") ";
}

// The words of `text` in lines of at most kRight bytes, all lines but the first
// indented to the right column.
void append_wrapped(std::string& out, std::string_view text) {
  std::size_t used = 0;
  while (!text.empty()) {
    const std::size_t blank = text.find(' ');
    const std::string_view word = text.substr(0, blank);
    text = blank == std::string_view::npos ? std::string_view{} : text.substr(blank + 1);
    if (used != 0 && used + 1 + word.size() > kRight) {
      out += '\n' + std::string(kLeft, ' ');
      used = 0;
    }
    if (used != 0) {
      out += ' ';
      ++used;
    }
    out += word;
    used += word.size();
  }
  out += '\n';
}

void append_padded(std::string& out, std::string_view text) {
  out += text;
  out.append(text.size() < kLeft ? kLeft - text.size() : 0, ' ');
}

void append_text(std::string& out, const FieldClass& field_class, const ReferenceOptions& options) {
  out += std::string(kLeft + 1, '-') + '\n';
  append_padded(out, "Field Class:");
  out += heading(field_class) + '\n';
  append_padded(out, "Event Sources:");
  out += std::string(kSource) + " \n\n";
  for (const Field* field : rows_of(field_class)) {
    const std::string name = display_name(*field);
    append_padded(out, name);
    if (name.size() >= kLeft) {
      out += '\n' + std::string(kLeft, ' ');
    }
    append_wrapped(out, tags(*field, options.types) + std::string(field->doc));
  }
  out += '\n';
}

std::string table_cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    cell += c == '|' ? "\\|" : std::string(1, c);
  }
  return cell;
}

void append_markdown(std::string& out, const FieldClass& field_class,
                     const ReferenceOptions& options) {
  out += "## Field Class: " + std::string(field_class.name) + "\n\n" +
         std::string(field_class.doc) + "\n\nEvent Sources: " + std::string(kSource) + "\n\n";
  out += options.since ? "Name | Type | Since | Description\n:----|:-----|:------|:-----------\n"
                       : "Name | Type | Description\n:----|:-----|:-----------\n";
  for (const Field* field : rows_of(field_class)) {
    std::string argument;
    if (options.since && field->arg != FieldArg::kNone) {
      argument = field->arg == FieldArg::kIndex ? "[n]" : "[key]";
    }
    out += '`' + display_name(*field) + argument + "` | " + type_name(*field) + " | ";
    out += options.since ? std::string(field->since) + (field->ours ? " (ours) | " : " | ") : "";
    out += table_cell(field->doc) + '\n';
  }
  out += '\n';
}

void append_json_member(std::string& out, std::string_view name, std::string_view value) {
  base::append_json_string(out, name);
  out += ':';
  base::append_json_string(out, value);
}

void append_json_field(std::string& out, const Field& field) {
  out += '{';
  append_json_member(out, "name", display_name(field));
  out += ',';
  append_json_member(out, "type", type_name(field));
  out += ',';
  append_json_member(out, "desc", field.doc);
  out += ",\"is_list\":";
  out += field.shape.is_list ? "true" : "false";
  out += ",\"argument\":";
  if (field.arg == FieldArg::kNone) {
    out += "null}";
    return;
  }
  out += field.arg_required ? "{\"required\":true" : "{\"required\":false";
  out += field.arg == FieldArg::kIndex ? ",\"type\":[\"index\"]}}" : ",\"type\":[\"key\"]}}";
}

void append_json(std::string& out, const FieldClass& field_class) {
  out += '{';
  append_json_member(out, "name", field_class.name);
  out += ',';
  append_json_member(out, "desc", field_class.doc);
  out += ",\"event_sources\":[\"" + std::string(kSource) + "\"],\"fields\":[";
  bool first = true;
  for (const Field* field : rows_of(field_class)) {
    out += first ? "" : ",";
    first = false;
    append_json_field(out, *field);
  }
  out += "]}";
}

std::string names(ReferenceForm form) {
  std::string out;
  for (const FieldClass& field_class : kClasses) {
    for (const Field* field : rows_of(field_class)) {
      if (form == ReferenceForm::kJson) {
        out += out.empty() ? "{\"fieldnames\":[" : ",";
        base::append_json_string(out, display_name(*field));
      } else {
        out += display_name(*field) + '\n';
      }
    }
  }
  return form == ReferenceForm::kJson ? out + "]}\n" : out;
}

}  // namespace

bool is_known_source(std::string_view source) { return source == kSource; }

std::string field_reference(const ReferenceOptions& options) {
  if (!options.source.empty() && !is_known_source(options.source)) {
    return {};
  }
  if (options.names_only) {
    return names(options.form);
  }
  std::string out;
  for (const FieldClass& field_class : kClasses) {
    switch (options.form) {
      case ReferenceForm::kText:
        append_text(out, field_class, options);
        break;
      case ReferenceForm::kMarkdown:
        append_markdown(out, field_class, options);
        break;
      case ReferenceForm::kJson:
        out += out.empty() ? "{\"fieldclasses\":[" : ",";
        append_json(out, field_class);
        break;
    }
  }
  return options.form == ReferenceForm::kJson ? out + "]}\n" : out;
}

}  // namespace tiercel::audit
