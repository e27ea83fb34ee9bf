#include "tiercel/alert/bound_term.h"

#include <memory>
#include <utility>

#include "field_redaction.h"

// Terms nest as deep as the parser's limit allows.
// NOLINTBEGIN(misc-no-recursion)

namespace tiercel::alert {

using base::Value;
using condition::Term;

BoundTerm BoundTerm::of_field(audit::FieldId field, base::ValueShape shape) {
  BoundTerm bound;
  bound.field_ = field;
  bound.shape_ = shape;
  return bound;
}

std::optional<BoundTerm> BoundTerm::bind(const Term& term, audit::FieldSet& fields,
                                         std::span<const std::string> static_names,
                                         TermProblem& problem) {
  switch (term.kind) {
    case Term::Kind::kField:
      return bind_field(term, fields, static_names, problem);
    case Term::Kind::kText:
    case Term::Kind::kNumber: {
      BoundTerm bound;
      bound.kind_ = term.kind;
      bound.text_ = term.name;
      return bound;
    }
    case Term::Kind::kList:
    case Term::Kind::kCall:
      return bind_operands(term, fields, static_names, problem);
  }
  return std::nullopt;
}

std::optional<BoundTerm> BoundTerm::bind_field(const Term& term, audit::FieldSet& fields,
                                               std::span<const std::string> static_names,
                                               TermProblem& problem) {
  auto reference =
      audit::resolve_field(term.name, term.argument, term.argument_quoted, static_names);
  if (!reference) {
    const audit::FieldError error = reference.error();
    const bool unknown = error.kind == audit::FieldError::Kind::kUnknown;
    problem = {unknown ? TermProblem::Kind::kUnknownField : TermProblem::Kind::kArgument,
               unknown ? "unknown_field" : "bad_field_argument", error.message, error.nearest,
               term.place};
    return std::nullopt;
  }
  const base::ValueShape shape = reference->field->shape;
  return of_field(fields.add(std::move(*reference)), shape);
}

std::optional<BoundTerm> BoundTerm::bind_operands(const Term& term, audit::FieldSet& fields,
                                                  std::span<const std::string> static_names,
                                                  TermProblem& problem) {
  BoundTerm bound;
  bound.kind_ = term.kind;
  const condition::Transformer* const transformer = term.transformer;
  if (transformer != nullptr && transformer->max_arguments == 1 && term.operands.size() > 1) {
    problem = {TermProblem::Kind::kArgumentCount,
               "transformer_arguments",
               "'" + std::string(transformer->name) + "' takes exactly one argument",
               {},
               term.place};
    return std::nullopt;
  }
  std::vector<base::ValueShape> shapes;
  for (const Term& operand : term.operands) {
    std::optional<BoundTerm> one = bind(operand, fields, static_names, problem);
    if (!one) {
      return std::nullopt;
    }
    shapes.push_back(one->shape_);
    if (term.kind == Term::Kind::kList && one->shape_ != base::ValueShape{}) {
      problem = {TermProblem::Kind::kShape,
                 "transformer_arguments",
                 "a list in parentheses holds texts, no lists and no numbers",
                 {},
                 operand.place};
      return std::nullopt;
    }
    bound.operands_.push_back(std::move(*one));
  }
  if (term.kind == Term::Kind::kList) {
    bound.shape_.is_list = true;
    return bound;
  }
  const auto shape = transformer->shape(shapes);
  if (!shape) {
    problem = {
        TermProblem::Kind::kShape, "transformer_arguments", shape.error().message, {}, term.place};
    return std::nullopt;
  }
  bound.transformer_ = transformer;
  bound.text_ = term.argument.value_or("");
  bound.shape_ = *shape;
  return bound;
}

Value BoundTerm::evaluate_redacted(audit::FieldMap& map) const {
  return kind_ == Term::Kind::kField ? redacted_field(map, field_)
                                     : redacted_text(evaluate_other(map, Shown::kRedacted), map);
}

Value BoundTerm::evaluate_other(audit::FieldMap& map, Shown shown) const {
  switch (kind_) {
    case Term::Kind::kList:
      return evaluate_list(map, shown);
    case Term::Kind::kCall:
      return evaluate_call(map, shown);
    default:
      return Value::text(text_);
  }
}

// As a transformer does, a list becomes absent when one of its elements is.
Value BoundTerm::evaluate_list(audit::FieldMap& map, Shown shown) const {
  const std::size_t count = operands_.size();
  auto* const texts =
      reinterpret_cast<std::string_view*>(map.arena().allocate(count * sizeof(std::string_view)));
  for (std::size_t at = 0; at < count; ++at) {
    const Value value = operands_[at].evaluate_as(shown, map);
    if (!value.is_text()) {
      return Value::absent();
    }
    std::construct_at(texts + at, value.as_text());
  }
  return Value::list({texts, count});
}

Value BoundTerm::evaluate_call(audit::FieldMap& map, Shown shown) const {
  const std::size_t count = operands_.size();
  auto* const values = reinterpret_cast<Value*>(map.arena().allocate(count * sizeof(Value)));
  for (std::size_t at = 0; at < count; ++at) {
    std::construct_at(values + at, operands_[at].evaluate_as(shown, map));
  }
  return transformer_->apply({{values, count}, text_}, map.arena());
}

void BoundTerm::collect_fields(std::vector<audit::FieldId>& out) const {
  if (kind_ == Term::Kind::kField) {
    out.push_back(field_);
  }
  for (const BoundTerm& operand : operands_) {
    operand.collect_fields(out);
  }
}

}  // namespace tiercel::alert

// NOLINTEND(misc-no-recursion)
