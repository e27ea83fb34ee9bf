#include "forgotten_source.h"

#include "tiercel/condition/parser.h"

// The functions below follow trees whose depth the parser and the macro expander bound.
// NOLINTBEGIN(misc-no-recursion)

namespace tiercel::rules {

namespace {

const condition::Term* audit_field(const condition::Term& term) {
  using Kind = condition::Term::Kind;
  if (term.kind == Kind::kField &&
      (term.name.starts_with("ka.") || term.name.starts_with("json.") ||
       term.name.starts_with("jevt."))) {
    return &term;
  }
  for (const condition::Term& operand : term.operands) {
    if (const condition::Term* found = audit_field(operand)) {
      return found;
    }
  }
  return nullptr;
}

}  // namespace

std::string audit_field_in_output(std::string_view output) {
  for (std::size_t at = output.find('%'); at != std::string_view::npos;
       at = output.find('%', at + 1)) {
    const std::size_t start = at + (output.substr(at + 1).starts_with('*') ? 2 : 1);
    const condition::TermPrefix prefix = condition::parse_term_prefix(output.substr(start));
    const condition::Term* field = prefix.length == 0 ? nullptr : audit_field(prefix.term);
    if (field != nullptr) {
      return field->name;
    }
  }
  return {};
}

const condition::Term* audit_field_in_condition(const condition::Expr& tree) {
  for (const condition::ExprPtr& operand : tree.operands) {
    if (const condition::Term* found = audit_field_in_condition(*operand)) {
      return found;
    }
  }
  if (!tree.check) {
    return nullptr;
  }
  const condition::Term* found = audit_field(tree.check->left);
  return found == nullptr && tree.check->right ? audit_field(*tree.check->right) : found;
}

}  // namespace tiercel::rules

// NOLINTEND(misc-no-recursion)
