#include "families.h"
#include "scalar.h"

namespace tiercel::config {

namespace {

using Append = AlertSettings::Append;

constexpr std::string_view kAppendSchema = R"({"type": "array", "items": {"type": "object",
  "properties": {
    "match": {"type": "object", "properties": {
      "source": {"type": "string"}, "rule": {"type": "string"},
      "tags": {"type": "array", "items": {"type": "string"}}}, "additionalProperties": false},
    "extra_output": {"type": "string"},
    "suggested_output": {"type": "boolean"},
    "extra_fields": {"type": "array", "items": {"type": ["string", "object"]}}},
  "additionalProperties": false}})";

void read_optional_text(const Node& map, std::string_view key, std::optional<std::string>& out,
                        Reporter& reporter) {
  if (const Node* const node = map.find(key)) {
    if (const std::string* const text = take_text(*node, "'" + std::string(key) + "'", reporter)) {
      out = *text;
    }
  }
}

void read_match(const Node& node, Append& append, Reporter& reporter) {
  if (node.is_null() || !check_members(node, "'match'", {"source", "rule", "tags"}, reporter)) {
    return;
  }
  read_optional_text(node, "source", append.match_source, reporter);
  read_optional_text(node, "rule", append.match_rule, reporter);
  const Node* const tags = node.find("tags");
  if (tags == nullptr || tags->is_null()) {
    return;
  }
  // DIFFERS FROM FALCO: there a text is ignored, so that the entry matches every rule.
  if (tags->is_scalar()) {
    append.match_tags.push_back(tags->text);
    return;
  }
  if (!tags->is_sequence()) {
    reporter.error(Code::kWrongType, tags->place, "'tags' takes a list of texts, not a map");
    return;
  }
  for (const Node& tag : tags->items) {
    if (const std::string* const text = take_text(tag, "an element of 'tags'", reporter)) {
      append.match_tags.push_back(*text);
    }
  }
}

// A text is a raw field; a map of one member a key with its template.
void read_field(const Node& item, Append& append, Reporter& reporter) {
  Append::Field field;
  Place place = item.place;
  if (item.is_scalar()) {
    field.key = item.text;
    field.raw = true;
  } else if (item.is_map() && item.members.size() == 1) {
    const Member& member = item.members.front();
    place = member.place;
    field.key = member.key;
    const std::string* const text = take_text(member.value, "'" + member.key + "'", reporter);
    if (text == nullptr) {
      return;
    }
    field.template_text = *text;
  } else {
    reporter.error(Code::kWrongType, item.place,
                   "an element of 'extra_fields' is a field or a map of one name",
                   {"for example: - ka.verb", "or: - who: \"%ka.user.name\""});
    return;
  }
  for (const Append::Field& other : append.extra_fields) {
    if (other.key == field.key && !(other.raw && field.raw)) {
      reporter.error(Code::kBadValue, place,
                     "'" + field.key + "' is in this entry's extra_fields already");
      return;
    }
  }
  append.extra_fields.push_back(std::move(field));
}

void read_fields(const Node& node, Append& append, Reporter& reporter) {
  constexpr std::size_t kMostFields = 256;
  if (node.is_null()) {
    return;
  }
  if (!node.is_sequence() || node.items.size() > kMostFields) {
    reporter.error(Code::kWrongType, node.place,
                   "'extra_fields' takes a list of at most 256 fields");
    return;
  }
  for (const Node& item : node.items) {
    read_field(item, append, reporter);
  }
}

void read_append(const Node& item, std::vector<Append>& out, Reporter& reporter) {
  if (!check_members(item, "an element of 'append_output'",
                     {"match", "extra_output", "suggested_output", "extra_fields"}, reporter)) {
    return;
  }
  Append append;
  if (const Node* const match = item.find("match")) {
    read_match(*match, append, reporter);
  }
  if (const Node* const extra = item.find("extra_output")) {
    if (const std::string* const text = take_text(*extra, "'extra_output'", reporter)) {
      append.extra_output = *text;
    }
  }
  if (const Node* const suggested = item.find("suggested_output")) {
    append.suggested_output =
        take_boolean(*suggested, "'suggested_output'", reporter).value_or(false);
  }
  if (const Node* const fields = item.find("extra_fields")) {
    read_fields(*fields, append, reporter);
  }
  out.push_back(std::move(append));
}

void print_match(const Append& append, std::string& out) {
  std::string match;
  const auto add = [&match](std::string_view key, const std::string& value) {
    match += match.empty() ? "" : ", ";
    match += json_text(key) + ": " + value;
  };
  if (append.match_source) {
    add("source", json_text(*append.match_source));
  }
  if (append.match_rule) {
    add("rule", json_text(*append.match_rule));
  }
  if (!append.match_tags.empty()) {
    std::string tags;
    for (const std::string& tag : append.match_tags) {
      tags += (tags.empty() ? "[" : ", ") + json_text(tag);
    }
    add("tags", tags + "]");
  }
  if (!match.empty()) {
    out += "\"match\": {" + match + "}, ";
  }
}

std::string print_appends(const std::vector<Append>& appends) {
  std::string out = "[";
  for (const Append& append : appends) {
    out += out.size() == 1 ? "{" : ", {";
    print_match(append, out);
    if (!append.extra_output.empty()) {
      out += "\"extra_output\": " + json_text(append.extra_output) + ", ";
    }
    if (!append.extra_fields.empty()) {
      std::string fields;
      for (const Append::Field& field : append.extra_fields) {
        fields += fields.empty() ? "" : ", ";
        fields += field.raw
                      ? json_text(field.key)
                      : "{" + json_text(field.key) + ": " + json_text(field.template_text) + "}";
      }
      out += "\"extra_fields\": [" + fields + "], ";
    }
    out += append.suggested_output ? "\"suggested_output\": true}" : "\"suggested_output\": false}";
  }
  return out + "]";
}

}  // namespace

Custom append_output_option(AlertSettings& alerts) {
  Custom option;
  option.type = "list of {match, extra_output, extra_fields, suggested_output}";
  option.json_schema = kAppendSchema;
  option.read = [&alerts](const Node& node, Reporter& reporter) {
    if (!node.is_sequence()) {
      reporter.error(Code::kWrongType, node.place,
                     "'append_output' is a list, not " + std::string(kind_text(node)));
      return;
    }
    alerts.append_output.clear();
    for (const Node& item : node.items) {
      if (reporter.is_full()) {
        return;
      }
      read_append(item, alerts.append_output, reporter);
    }
  };
  option.print = [&alerts] { return print_appends(alerts.append_output); };
  return option;
}

}  // namespace tiercel::config
