#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "tiercel/base/diagnostic.h"

#include "rule_set_impl.h"

namespace tiercel::engine {

/// Compiles resolved rules one by one into a RuleSet: binds fields, checks types,
/// shares predicates, makes programs and index. Also used to validate rules that
/// will not run (disabled ones are checked like any other, as in Falco).
///
/// Runs on: main thread.
class Builder {
 public:
  /// Says where a place in a condition is.
  using Diagnose = std::function<base::Diagnostic(condition::Place)>;

  Builder(const CompileOptions& options, Diagnose diagnose);
  ~Builder();

  enum class Outcome : std::uint8_t { kAdded, kSkipped, kFailed };
  /// Checks and adds a rule; its mistakes go to `diagnostics`. kSkipped:
  /// skip-if-unknown-filter dropped it with a warning.
  Outcome add(const rules::ResolvedRule& rule, base::Diagnostics& diagnostics);
  /// The rule set of all rules added.
  [[nodiscard]] std::shared_ptr<const RuleSet> finish(std::vector<rules::ResolvedRule> loaded,
                                                      std::string hash);
  /// What RuleSet::memory() says. REQUIRES: nobody has the rule set yet.
  static void set_memory(const RuleSet& rules, std::uint64_t bytes);

 private:
  Outcome add_output(const rules::ResolvedRule& rule, CompiledRule& out,
                     base::Diagnostics& diagnostics);
  Outcome add_condition(const rules::ResolvedRule& rule, const condition::Expr& expr,
                        Program::PredicateOf& predicates, base::Diagnostics& diagnostics);
  /// The number of the predicate for this check, new or shared.
  [[nodiscard]] std::optional<std::uint32_t> predicate_of(const condition::Check& check,
                                                          CheckProblem& problem);

  const CompileOptions& options_;
  Diagnose diagnose_;
  std::vector<std::string> static_names_;
  std::shared_ptr<RuleSet> set_;
  std::unordered_map<std::string, std::uint32_t> by_text_;
};

}  // namespace tiercel::engine
