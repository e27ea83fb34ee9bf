#include "predicate.h"

#include <utility>
#include <vector>

namespace tiercel::engine {

namespace {

using alert::BoundTerm;

std::string describe(base::ValueShape shape) {
  std::string text;
  switch (shape.type) {
    case base::ValueType::kText:
      text = "text";
      break;
    case base::ValueType::kUnsigned:
      text = "number";
      break;
    case base::ValueType::kBoolean:
      text = "boolean";
      break;
    case base::ValueType::kTime:
      text = "time";
      break;
    case base::ValueType::kDuration:
      text = "duration";
      break;
  }
  return shape.is_list ? "list of " + text : text;
}

std::optional<BoundTerm> bind(const condition::Term& term, audit::FieldSet& fields,
                              std::span<const std::string> static_names, CheckProblem& problem) {
  alert::TermProblem why;
  std::optional<BoundTerm> bound = BoundTerm::bind(term, fields, static_names, why);
  if (!bound) {
    problem.code = why.code;
    problem.message = why.message;
    problem.nearest = why.nearest;
    problem.place = why.place;
    problem.unknown_field = why.kind == alert::TermProblem::Kind::kUnknownField;
  }
  return bound;
}

std::unique_ptr<const Predicate> compare_terms(const condition::Check& check, BoundTerm left,
                                               audit::FieldSet& fields,
                                               std::span<const std::string> static_names,
                                               CheckProblem& problem) {
  if (!check.op->takes_term) {
    problem.code = "term_not_allowed";
    problem.message = "the right side of '" + std::string(check.op->name) +
                      "' must be a constant, not a field or transformer";
    problem.place = check.right->place;
    return nullptr;
  }
  std::optional<BoundTerm> right = bind(*check.right, fields, static_names, problem);
  if (!right) {
    return nullptr;
  }
  if (right->shape() != left.shape()) {
    problem.code = "type_mismatch";
    problem.message =
        "cannot compare a " + describe(left.shape()) + " with a " + describe(right->shape());
    problem.place = check.right->place;
    return nullptr;
  }
  return std::make_unique<const Predicate>(std::move(left), *check.op, std::move(*right));
}

}  // namespace

std::unique_ptr<const Predicate> make_predicate(const condition::Check& check,
                                                audit::FieldSet& fields,
                                                std::span<const std::string> static_names,
                                                CheckProblem& problem) {
  std::optional<BoundTerm> left = bind(check.left, fields, static_names, problem);
  if (!left) {
    return nullptr;
  }
  std::string refusal = condition::check_shape(*check.op, check.modifier, left->shape());
  if (!refusal.empty()) {
    problem.code = "operator_type";
    problem.message = std::move(refusal);
    problem.place = check.place;
    return nullptr;
  }
  if (check.right) {
    return compare_terms(check, std::move(*left), fields, static_names, problem);
  }
  std::vector<std::string> values;
  values.reserve(check.values.size());
  for (const condition::Constant& constant : check.values) {
    values.push_back(constant.text);
  }
  auto matcher = condition::prepare(*check.op, check.modifier, values, left->shape());
  if (!matcher) {
    problem.code = matcher.error().code;
    problem.message = matcher.error().message;
    problem.place = check.values.empty() ? check.place : check.values.front().place;
    return nullptr;
  }
  return std::make_unique<const Predicate>(std::move(*left), std::move(*matcher));
}

}  // namespace tiercel::engine
