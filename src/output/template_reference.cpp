#include <string>

#include "tiercel/base/priority.h"
#include "tiercel/output/names.h"

#include "body_template.h"

namespace tiercel::output {

namespace {

std::string listed(std::span<const std::string_view> names) {
  std::string out;
  for (const std::string_view name : names) {
    out += (out.empty() ? "`" : ", `") + std::string(name) + "`";
  }
  return out;
}

// In the configuration `${NAME}` is an environment variable, and `$${NAME}` that text.
std::string as_written(std::string_view body) {
  std::string out;
  for (std::size_t at = 0; at < body.size(); ++at) {
    out += body.substr(at).starts_with("${") ? "$" : "";
    out += body[at];
  }
  return out;
}

// The words of each vendor in a column.
std::string priority_table() {
  std::string out = "| priority |";
  std::string line = "\n|---|";
  for (const std::string_view map : priority_maps()) {
    out += " `$${priority:" + std::string(map) + "}` |";
    line += "---|";
  }
  out += line + "\n";
  for (std::size_t priority = 0; priority < base::kPriorityNames.size(); ++priority) {
    out += "| " + std::string(base::kPriorityNames[priority]) + " |";
    for (const std::string_view map : priority_maps()) {
      out += " " + std::string(priority_word(map, priority)) + " |";
    }
    out += "\n";
  }
  return out;
}

}  // namespace

std::string template_reference() {
  std::string out =
      "# Templates\n\nWritten by the program (`tiercel config --write-docs`): do not edit.\n\n"
      "## `template` of a route\n\n"
      "The text of the alerts that take the route; time and priority stay before it. `%name` "
      "stands "
      "for a value, `%name[argument]` for a field with its argument, `%%` for a percent sign; what "
      "an alert does not have is `<NA>`. Names are ";
  out +=
      listed(column_names()) + ", " + listed(template_members()) +
      " and every output field that the alert has. `group_by` and matchers know the first of "
      "these and output fields.\n\n"
      "## `body` of kind http\n\nAs it is written in the configuration, where a single dollar sign "
      "begins an environment "
      "variable.\n\n| written | becomes |\n|---|---|\n"
      "| `$${name}` | the text, escaped for the inside of a JSON string; nothing where the alert "
      "has no such value |\n"
      "| `$${name:1024}` | the same cut to so many bytes, behind a whole character or escape |\n"
      "| `$${name:-TEXT}`, `$${name:1024:-TEXT}` | the same, and TEXT where it is empty; TEXT "
      "holds "
      "neither `]` nor `}` |\n"
      "| `$${json:name}` | the value as JSON; `null` where there is none |\n"
      "| `$${json:output_fields:1024}` | an object of those fields that fit, long texts cut |\n"
      "| `$${priority:MAP}` | a vendor's word for the priority |\n\n"
      "Names are ";
  out +=
      listed(body_members()) +
      " and every output field. `time_iso` is to the millisecond, `time_unix` in seconds, "
      "`time_ms` in milliseconds.\n\n" +
      priority_table() +
      "\n## Ready-made bodies\n\nWhat the kinds post for an alert; `$${key}`, `$${index}` and "
      "`$${name}` are their options (a key, an index or tags, a name). To say it otherwise, copy "
      "one into the `body` of kind http.\n";
  for (const ReadyBody& ready : ready_bodies()) {
    out += "\n### `" + std::string(ready.kind) + "`\n\n```\n" + as_written(ready.body) + "\n```\n";
  }
  return out;
}

}  // namespace tiercel::output
