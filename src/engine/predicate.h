#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tiercel/alert/bound_term.h"
#include "tiercel/audit/field_map.h"
#include "tiercel/condition/operator.h"

namespace tiercel::engine {

/// One check, ready to run: a left side bound to fields, and either a prepared
/// constant right side or a second value of the same event. Rules that ask the same
/// share one Predicate, evaluated at most once an event.
///
/// Immutable; any thread.
class Predicate {
 public:
  Predicate(alert::BoundTerm left, std::unique_ptr<const condition::Matcher> matcher)
      : left_(std::move(left)), matcher_(std::move(matcher)) {}
  Predicate(alert::BoundTerm left, const condition::Operator& op, alert::BoundTerm right)
      : left_(std::move(left)), right_(std::move(right)), op_(&op) {}

  [[nodiscard]] bool holds(audit::FieldMap& map) const {
    if (matcher_ != nullptr) {
      return matcher_->matches(left_.evaluate(map));
    }
    return condition::compare(*op_, left_.evaluate(map), right_->evaluate(map));
  }

 private:
  alert::BoundTerm left_;
  std::unique_ptr<const condition::Matcher> matcher_;
  std::optional<alert::BoundTerm> right_;
  const condition::Operator* op_ = nullptr;
};

/// Why a check cannot be compiled. `unknown_field` counts as "no such field" for
/// skip-if-unknown-filter.
struct CheckProblem {
  std::string code;
  std::string message;
  std::string nearest;
  condition::Place place;
  bool unknown_field = false;
};

/// Resolves the check's fields, checks its types and prepares its right side.
/// Fields go into `fields`. Nothing on error, with `problem` filled.
[[nodiscard]] std::unique_ptr<const Predicate> make_predicate(
    const condition::Check& check, audit::FieldSet& fields,
    std::span<const std::string> static_names, CheckProblem& problem);

}  // namespace tiercel::engine
