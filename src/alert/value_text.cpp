#include "value_text.h"

#include "escape.h"
#include "number_text.h"

namespace tiercel::alert {

namespace {

// As Falco: no comma while only empty elements have been printed, so ["","a"] is (a).
// DIFFERS FROM FALCO: a list is printed whole; Falco cuts it after 1023 bytes.
void append_list(std::string& out, std::span<const std::string_view> elements) {
  out += '(';
  bool printed = false;
  for (const std::string_view element : elements) {
    if (printed) {
      out += ',';
    }
    out += element;
    printed = printed || !element.empty();
  }
  out += ')';
}

}  // namespace

void append_value_text(std::string& out, const base::Value& value, const audit::Field* field) {
  using Kind = base::Value::Kind;
  switch (value.kind()) {
    case Kind::kAbsent:
      out += "<NA>";
      return;
    case Kind::kText:
      if (field != nullptr && field->clean_text) {
        append_clean(out, value.as_text());
      } else {
        out += value.as_text();
      }
      return;
    case Kind::kNumber:
      append_number(out, value.as_number(), field == nullptr ? 0 : field->text_digits);
      return;
    case Kind::kBoolean:
      out += value.as_boolean() ? "true" : "false";
      return;
    case Kind::kList:
      append_list(out, value.as_list());
      return;
  }
}

}  // namespace tiercel::alert
