#include "comparison.h"

#include "tiercel/condition/operator.h"

#include "traced_text.h"

namespace tiercel::rules {

std::optional<Comparison> parse_comparison(std::string_view text) {
  text = trim(text);
  const std::size_t blank = text.find_first_of(" \t\r\n");
  Comparison comparison;
  comparison.op = condition::find_operator(text.substr(0, blank));
  if (comparison.op == nullptr || comparison.op->form == condition::OperandForm::kNone) {
    return std::nullopt;
  }
  if (blank != std::string_view::npos) {
    const std::string_view modifier = trim(text.substr(blank));
    if (!comparison.op->takes_modifier ||
        (modifier != "oneof" && modifier != "anyof" && modifier != "allof")) {
      return std::nullopt;
    }
    comparison.has_modifier = true;
  }
  comparison.takes_list =
      comparison.has_modifier || comparison.op->form == condition::OperandForm::kList;
  return comparison;
}

Reporter::Texts suggest_operator(std::string_view text) {
  std::vector<std::string_view> names;
  for (const condition::Operator& op : condition::operators()) {
    if (op.form != condition::OperandForm::kNone) {
      names.push_back(op.name);
    }
  }
  return suggestion(text.substr(0, text.find(' ')), names);
}

}  // namespace tiercel::rules
