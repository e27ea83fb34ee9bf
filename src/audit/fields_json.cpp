#include <charconv>

#include "field_table.h"
#include "indent.h"
#include "json_pointer.h"
#include "walk.h"

// jevt.* and json.*: the event as a JSON document. They need no auditID.

namespace tiercel::audit {

namespace {

base::Value pointed_value(const FieldInput& input, base::Arena& arena) {
  return follow_pointer(input.event.root(), input.argument.path).value(arena);
}

base::Value indented_event(const FieldInput& input, base::Arena& arena) {
  const auto text = indent_json(input.event.root().raw(), arena);
  return text ? base::Value::text(cut_at_nul(*text)) : base::Value::absent();
}

base::Value raw_time(const FieldInput& input, base::Arena& arena) {
  constexpr std::size_t kDigits = 20;
  char* const text = arena.allocate_text(kDigits);
  const auto written =
      std::to_chars(text, text + kDigits, static_cast<std::uint64_t>(input.event.time()));
  return base::Value::text({text, static_cast<std::size_t>(written.ptr - text)});
}

struct JsonRow {
  std::string_view name;
  FieldPart part;
  std::string_view doc;
  base::Value (*extract)(const FieldInput& input, base::Arena& arena);
};

constexpr JsonRow kRows[] = {
    {"value", FieldPart::kPointer,
     "The value at this JSON pointer, such as /user/username; objects and arrays as compact JSON. "
     "A slash within a key is written ~1, a tilde ~0.",
     pointed_value},
    {"obj", FieldPart::kEvent,
     "The whole event as indented JSON. Absent when it is not strict JSON.", indented_event},
    {"rawtime", FieldPart::kMetadata,
     "The time of the event in nanoseconds since 1970, as text; never absent.", raw_time},
};

void add_rows(FieldTable& table, std::string_view prefix, std::string_view since) {
  for (const JsonRow& row : kRows) {
    Field field;
    field.name = table.keep(std::string(prefix) + std::string(row.name));
    const bool has_pointer = row.part == FieldPart::kPointer;
    field.arg = has_pointer ? FieldArg::kKey : FieldArg::kNone;
    field.arg_required = has_pointer;
    field.part = row.part;
    field.field_class = kJsonClass;
    field.since = since;
    field.doc = row.doc;
    field.extract = row.extract;
    table.add(field);
  }
}

}  // namespace

void add_json_fields(FieldTable& table) {
  add_rows(table, "json.", "json 0.1");
  add_rows(table, "jevt.", "Falco 0.13");
}

}  // namespace tiercel::audit
