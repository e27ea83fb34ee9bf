#include "builder.h"

#include <utility>

namespace tiercel::engine {

namespace {

using base::Diagnostic;
using base::Severity;

void suggest(Diagnostic& diagnostic, const std::string& nearest) {
  if (!nearest.empty()) {
    diagnostic.notes.push_back("did you mean " + nearest + "?");
  }
}

// A mistake that skip-if-unknown-filter turns into a skipped rule.
void downgrade(Diagnostic& diagnostic) {
  diagnostic.severity = Severity::kWarning;
  diagnostic.falco_code = "LOAD_UNKNOWN_FILTER";
  diagnostic.notes.emplace_back("the rule is skipped, as skip-if-unknown-filter says");
}

Diagnostic output_diagnostic(const rules::ResolvedRule& rule,
                             const alert::TemplateProblem& problem) {
  Diagnostic diagnostic;
  diagnostic.code = problem.code;
  diagnostic.falco_code = "LOAD_ERR_COMPILE_OUTPUT";
  diagnostic.location = rule.output_location;
  diagnostic.message = problem.message;
  diagnostic.within.push_back("rule \"" + rule.name + "\"");
  diagnostic.within.emplace_back(problem.in_rule ? "output" : "append_output or -p");
  suggest(diagnostic, problem.nearest);
  if (problem.in_rule) {
    diagnostic.snippet = rule.output;
    diagnostic.caret = static_cast<std::uint32_t>(problem.offset);
  }
  return diagnostic;
}

}  // namespace

Builder::Builder(const CompileOptions& options, Diagnose diagnose)
    : options_(options), diagnose_(std::move(diagnose)), set_(new RuleSet) {
  for (const auto& [name, value] : options.alerts.static_fields) {
    static_names_.push_back(name);
  }
  set_->impl_->matching = options.matching;
  set_->impl_->use_index = options.use_index;
}

Builder::~Builder() = default;

Builder::Outcome Builder::add(const rules::ResolvedRule& rule, base::Diagnostics& diagnostics) {
  CompiledRule compiled;
  compiled.meta = {rule.name, rule.priority, rule.tags, rule.source};
  for (const std::string& tag : rule.tags) {
    compiled.tags_text += compiled.tags_text.empty() ? tag : "," + tag;
  }
  Outcome outcome = add_output(rule, compiled, diagnostics);
  if (rule.condition == nullptr || outcome == Outcome::kSkipped) {
    return rule.condition == nullptr ? Outcome::kFailed : outcome;
  }
  Program::PredicateOf predicates;
  const Outcome of_condition = add_condition(rule, *rule.condition, predicates, diagnostics);
  if (of_condition != Outcome::kAdded || outcome != Outcome::kAdded) {
    return of_condition == Outcome::kSkipped ? of_condition : Outcome::kFailed;
  }
  compiled.condition = rule.condition;
  compiled.source = rule;
  set_->impl_->programs.push_back(Program::compile(*rule.condition, predicates));
  set_->impl_->index.add(*rule.condition);
  set_->impl_->rules.push_back(std::move(compiled));
  return Outcome::kAdded;
}

Builder::Outcome Builder::add_output(const rules::ResolvedRule& rule, CompiledRule& out,
                                     base::Diagnostics& diagnostics) {
  std::vector<alert::TemplateProblem> problems;
  out.output = alert::RuleOutput::compile(out.meta, rule.output, options_.alerts,
                                          set_->impl_->fields, problems);
  Outcome outcome = Outcome::kAdded;
  for (const alert::TemplateProblem& problem : problems) {
    Diagnostic diagnostic = output_diagnostic(rule, problem);
    using Kind = alert::TemplateProblem::Kind;
    if (problem.kind == Kind::kUnknownFilter && rule.skip_if_unknown_filter) {
      downgrade(diagnostic);
      outcome = outcome == Outcome::kFailed ? outcome : Outcome::kSkipped;
    } else if (problem.kind == Kind::kDeprecated || problem.kind == Kind::kAdvice) {
      diagnostic.severity = Severity::kWarning;
      diagnostic.falco_code = problem.kind == Kind::kDeprecated ? "LOAD_DEPRECATED_ITEM" : "";
    } else {
      outcome = Outcome::kFailed;
    }
    diagnostics.add(std::move(diagnostic));
  }
  return outcome == Outcome::kAdded && out.output == nullptr ? Outcome::kFailed : outcome;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth limit of conditions.
Builder::Outcome Builder::add_condition(const rules::ResolvedRule& rule,
                                        const condition::Expr& expr,
                                        Program::PredicateOf& predicates,
                                        base::Diagnostics& diagnostics) {
  if (expr.kind != condition::Expr::Kind::kCheck) {
    Outcome outcome = Outcome::kAdded;
    for (const condition::ExprPtr& operand : expr.operands) {
      const Outcome next = add_condition(rule, *operand, predicates, diagnostics);
      if (next == Outcome::kSkipped) {
        return next;
      }
      outcome = next == Outcome::kFailed ? next : outcome;
    }
    return outcome;
  }
  if (predicates.contains(&expr)) {
    return Outcome::kAdded;  // a macro named twice in one condition
  }
  CheckProblem problem;
  const std::optional<std::uint32_t> predicate = predicate_of(*expr.check, problem);
  if (predicate) {
    predicates.emplace(&expr, *predicate);
    return Outcome::kAdded;
  }
  Diagnostic diagnostic = diagnose_(problem.place);
  diagnostic.code = problem.code;
  diagnostic.falco_code = "LOAD_ERR_COMPILE_CONDITION";
  diagnostic.message = problem.message;
  suggest(diagnostic, problem.nearest);
  const bool skip = problem.unknown_field && rule.skip_if_unknown_filter;
  if (skip) {
    downgrade(diagnostic);
  }
  diagnostics.add(std::move(diagnostic));
  return skip ? Outcome::kSkipped : Outcome::kFailed;
}

std::optional<std::uint32_t> Builder::predicate_of(const condition::Check& check,
                                                   CheckProblem& problem) {
  auto& predicates = set_->impl_->predicates;
  std::string text = condition::to_text(check);
  if (const auto known = by_text_.find(text); known != by_text_.end()) {
    return known->second;
  }
  auto predicate = make_predicate(check, set_->impl_->fields, static_names_, problem);
  if (predicate == nullptr) {
    return std::nullopt;
  }
  const auto number = static_cast<std::uint32_t>(predicates.size());
  predicates.push_back(std::move(predicate));
  by_text_.emplace(std::move(text), number);
  return number;
}

std::shared_ptr<const RuleSet> Builder::finish(std::vector<rules::ResolvedRule> loaded,
                                               std::string hash) {
  set_->impl_->index.build(set_->impl_->fields);
  set_->impl_->loaded = std::move(loaded);
  set_->impl_->hash = std::move(hash);
  set_->impl_->costs =
      std::make_unique<RuleCosts>(set_->impl_->rules.size(), set_->impl_->predicates.size());
  return std::move(set_);
}

void Builder::set_memory(const RuleSet& rules, std::uint64_t bytes) { rules.impl_->memory = bytes; }

}  // namespace tiercel::engine
