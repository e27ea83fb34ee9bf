#include "tiercel/alert/bound_term.h"

#include <new>
#include <utility>

namespace tiercel::alert {

using condition::Term;

// NOLINTNEXTLINE(misc-no-recursion): as deep as the parser's limit for nested calls.
std::optional<BoundTerm> BoundTerm::bind(const Term& term, audit::FieldSet& fields,
                                         std::span<const std::string> static_names,
                                         TermProblem& problem) {
  BoundTerm bound;
  bound.kind_ = term.kind;
  switch (term.kind) {
    case Term::Kind::kField: {
      auto reference =
          audit::resolve_field(term.name, term.argument, term.argument_quoted, static_names);
      if (!reference) {
        const audit::FieldError& error = reference.error();
        const bool unknown = error.kind == audit::FieldError::Kind::kUnknown;
        problem = {unknown ? TermProblem::Kind::kUnknownField : TermProblem::Kind::kArgument,
                   unknown ? "unknown_field" : "bad_field_argument", error.message, error.nearest,
                   term.place};
        return std::nullopt;
      }
      bound.shape_ = reference->field->shape;
      bound.field_ = fields.add(std::move(*reference));
      return bound;
    }
    case Term::Kind::kText:
    case Term::Kind::kNumber:
      bound.text_ = term.name;
      return bound;
    case Term::Kind::kList:
      bound.shape_.is_list = true;
      for (const Term& operand : term.operands) {
        std::optional<BoundTerm> one = bind(operand, fields, static_names, problem);
        if (!one) {
          return std::nullopt;
        }
        bound.operands_.push_back(std::move(*one));
      }
      return bound;
    case Term::Kind::kCall:
      return bind_call(term, fields, static_names, problem);
  }
  return std::nullopt;
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the parser's limit for nested calls.
std::optional<BoundTerm> BoundTerm::bind_call(const Term& term, audit::FieldSet& fields,
                                              std::span<const std::string> static_names,
                                              TermProblem& problem) {
  BoundTerm bound;
  bound.kind_ = Term::Kind::kCall;
  bound.transformer_ = term.transformer;
  bound.text_ = term.argument.value_or("");
  std::vector<base::ValueShape> shapes;
  for (const Term& operand : term.operands) {
    std::optional<BoundTerm> one = bind(operand, fields, static_names, problem);
    if (!one) {
      return std::nullopt;
    }
    shapes.push_back(one->shape_);
    bound.operands_.push_back(std::move(*one));
  }
  const auto shape = term.transformer->shape(shapes);
  if (!shape) {
    problem = {
        TermProblem::Kind::kShape, "transformer_arguments", shape.error().message, {}, term.place};
    return std::nullopt;
  }
  bound.shape_ = *shape;
  return bound;
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the parser's limit for nested calls.
base::Value BoundTerm::evaluate_other(audit::FieldMap& map) const {
  if (kind_ == Term::Kind::kText || kind_ == Term::Kind::kNumber) {
    return base::Value::text(text_);
  }
  const std::size_t count = operands_.size();
  if (kind_ == Term::Kind::kList) {
    std::byte* const place = map.arena().allocate(count * sizeof(std::string_view));
    auto* const texts = reinterpret_cast<std::string_view*>(place);
    for (std::size_t at = 0; at < count; ++at) {
      const base::Value value = operands_[at].evaluate(map);
      if (!value.is_text()) {
        return base::Value::absent();
      }
      new (&texts[at]) std::string_view(value.as_text());
    }
    return base::Value::list({texts, count});
  }
  std::byte* const place = map.arena().allocate(count * sizeof(base::Value));
  auto* const values = reinterpret_cast<base::Value*>(place);
  for (std::size_t at = 0; at < count; ++at) {
    new (&values[at]) base::Value(operands_[at].evaluate(map));
  }
  return transformer_->apply({{values, count}, text_}, map.arena());
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the parser's limit for nested calls.
void BoundTerm::collect_fields(std::vector<audit::FieldId>& out) const {
  if (kind_ == Term::Kind::kField) {
    out.push_back(field_);
  }
  for (const BoundTerm& operand : operands_) {
    operand.collect_fields(out);
  }
}

}  // namespace tiercel::alert
