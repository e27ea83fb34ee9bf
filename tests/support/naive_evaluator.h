#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tiercel/audit/field.h"
#include "tiercel/condition/expr.h"
#include "tiercel/engine/rule_set.h"

namespace tiercel::tests {

/// The slow, obvious twin of the engine: walks the tree of every rule for every
/// event, extracts a field each time it is named, prepares nothing, shares nothing,
/// leaves nothing out. The engine must always agree with it.
class NaiveEvaluator {
 public:
  explicit NaiveEvaluator(audit::FieldContext context = {}) : context_(std::move(context)) {}

  /// Whether the condition holds for the event.
  [[nodiscard]] bool matches(const condition::Expr& expr, const audit::AuditEvent& event);
  /// The numbers of the matching rules, as engine::Evaluator::evaluate gives them.
  [[nodiscard]] std::vector<std::uint32_t> evaluate(const engine::RuleSet& rules,
                                                    const audit::AuditEvent& event);

 private:
  [[nodiscard]] base::Value value_of(const condition::Term& term, const audit::AuditEvent& event);
  [[nodiscard]] bool check(const condition::Check& check, const audit::AuditEvent& event);

  audit::FieldContext context_;
  base::Arena arena_;
};

}  // namespace tiercel::tests
