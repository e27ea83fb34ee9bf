#include "naive_evaluator.h"

#include <algorithm>
#include <string>

#include "tiercel/condition/operator.h"
#include "tiercel/condition/transformer.h"

namespace tiercel::tests {

using condition::Expr;
using condition::Term;

base::Value NaiveEvaluator::value_of(const Term& term, const audit::AuditEvent& event) {
  switch (term.kind) {
    case Term::Kind::kField: {
      std::vector<std::string> static_names;
      for (const auto& [name, value] : context_.static_fields) {
        static_names.push_back(name);
      }
      const auto reference =
          audit::resolve_field(term.name, term.argument, term.argument_quoted, static_names);
      const audit::FieldRef& field = reference.value();
      return field.field->extract({event, field.argument, context_}, arena_);
    }
    case Term::Kind::kText:
    case Term::Kind::kNumber:
      return base::Value::text(term.name);
    case Term::Kind::kList: {
      std::vector<std::string_view> texts;
      for (const Term& operand : term.operands) {
        const base::Value value = value_of(operand, event);
        if (!value.is_text()) {
          return base::Value::absent();
        }
        texts.push_back(value.as_text());
      }
      return base::Value::list(arena_.copy(texts));
    }
    case Term::Kind::kCall: {
      std::vector<base::Value> arguments;
      for (const Term& operand : term.operands) {
        arguments.push_back(value_of(operand, event));
      }
      const std::string option = term.argument.value_or("");
      return term.transformer->apply({arguments, option}, arena_);
    }
  }
  return base::Value::absent();
}

bool NaiveEvaluator::check(const condition::Check& check, const audit::AuditEvent& event) {
  const base::Value left = value_of(check.left, event);
  if (check.right) {
    return condition::compare(*check.op, left, value_of(*check.right, event));
  }
  std::vector<std::string> values;
  for (const condition::Constant& constant : check.values) {
    values.push_back(constant.text);
  }
  return condition::naive_matches(*check.op, check.modifier, left, values);
}

bool NaiveEvaluator::matches(const Expr& expr, const audit::AuditEvent& event) {
  const auto holds = [&](const condition::ExprPtr& operand) { return matches(*operand, event); };
  switch (expr.kind) {
    case Expr::Kind::kAnd:
      return std::all_of(expr.operands.begin(), expr.operands.end(), holds);
    case Expr::Kind::kOr:
      return std::any_of(expr.operands.begin(), expr.operands.end(), holds);
    case Expr::Kind::kNot:
      return !holds(expr.operands.front());
    case Expr::Kind::kCheck:
      return check(*expr.check, event);
    case Expr::Kind::kMacro:
      break;
  }
  return false;
}

std::vector<std::uint32_t> NaiveEvaluator::evaluate(const engine::RuleSet& rules,
                                                    const audit::AuditEvent& event) {
  arena_.reset();
  std::vector<std::uint32_t> numbers;
  for (std::uint32_t number = 0; number < rules.rules().size(); ++number) {
    if (matches(*rules.rules()[number].condition, event)) {
      numbers.push_back(number);
      if (rules.matching() == engine::Matching::kFirst) {
        break;
      }
    }
  }
  return numbers;
}

}  // namespace tiercel::tests
