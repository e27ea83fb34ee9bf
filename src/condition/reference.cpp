#include "tiercel/condition/reference.h"

#include <array>
#include <utility>

#include "tiercel/condition/operator.h"
#include "tiercel/condition/transformer.h"

namespace tiercel::condition {

namespace {

std::string accepted_types(std::uint8_t accepts) {
  constexpr std::array<std::pair<Accepts, std::string_view>, 4> kNames{{
      {kAcceptsText, "text"},
      {kAcceptsNumber, "number"},
      {kAcceptsBoolean, "boolean"},
      {kAcceptsList, "list"},
  }};
  std::string names;
  for (const auto& [bit, name] : kNames) {
    if ((accepts & bit) != 0) {
      names += names.empty() ? "" : ", ";
      names += name;
    }
  }
  return names.empty() ? "nothing" : names;
}

std::vector<std::string> forms_of(const Operator& op) {
  const std::string start = "field " + std::string(op.name);
  std::vector<std::string> forms;
  switch (op.form) {
    case OperandForm::kNone:
      return {start};
    case OperandForm::kNumber:
      forms.push_back(start + " 5");
      break;
    case OperandForm::kSingle:
      forms.push_back(start + " value");
      break;
    case OperandForm::kList:
      forms.push_back(start + " (a, b)");
      break;
  }
  if (op.takes_term) {
    forms.push_back(start + " val(field)");
  }
  if (op.takes_modifier) {
    forms.push_back(start + " anyof (a, b)");
  }
  return forms;
}

std::string describe(base::ValueShape shape) {
  if (shape.is_list) {
    return "list";
  }
  return shape.type == base::ValueType::kUnsigned ? "number" : "text";
}

// A call as it is written, for arguments of these shapes.
std::string call_form(const Transformer& transformer, const std::vector<base::ValueShape>& shapes) {
  std::string form(transformer.name);
  form += '(';
  for (std::size_t at = 0; at < shapes.size(); ++at) {
    form += at == 0 ? "" : ", ";
    form += describe(shapes[at]);
  }
  form += ')';
  form += transformer.takes_option ? "[option]" : "";
  return form;
}

}  // namespace

std::vector<ReferenceRow> operator_reference() {
  std::vector<ReferenceRow> rows;
  for (const Operator& op : operators()) {
    rows.push_back({op.name, forms_of(op), accepted_types(op.accepts), "", op.since, op.doc});
  }
  return rows;
}

std::vector<ReferenceRow> transformer_reference() {
  constexpr base::ValueShape kText{base::ValueType::kText, false};
  constexpr base::ValueShape kList{base::ValueType::kText, true};
  // The shapes worth trying; each transformer says itself which it takes.
  const std::array<std::vector<base::ValueShape>, 5> candidates{
      {{kText}, {kList}, {kText, kText}, {kText, kList}, {kList, kText}}};
  std::vector<ReferenceRow> rows;
  for (const Transformer& transformer : transformers()) {
    ReferenceRow row{transformer.name, {}, "", "", transformer.since, transformer.doc};
    for (const std::vector<base::ValueShape>& shapes : candidates) {
      if (const auto result = transformer.shape(shapes)) {
        row.forms.push_back(call_form(transformer, shapes));
        row.takes += row.takes.empty() ? "" : " or ";
        row.takes += describe(shapes.back());
        if (row.gives.find(describe(*result)) == std::string::npos) {
          row.gives += row.gives.empty() ? "" : " or ";
          row.gives += describe(*result);
        }
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<ReferenceRow> modifier_reference() {
  return {
      {"oneof",
       {"field = oneof (a, b)"},
       "text",
       "",
       "0.44",
       "Exactly one of the values satisfies the operator."},
      {"anyof",
       {"field = anyof (a, b)"},
       "text",
       "",
       "0.44",
       "At least one of the values satisfies the operator."},
      {"allof",
       {"field = allof (a, b)"},
       "text",
       "",
       "0.44",
       "All values satisfy the operator, and there is at least one."},
  };
}

}  // namespace tiercel::condition
