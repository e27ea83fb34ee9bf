#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/alert/rule_output.h"
#include "tiercel/audit/field_map.h"
#include "tiercel/base/diagnostic.h"
#include "tiercel/engine/rule_costs.h"
#include "tiercel/rules/loader.h"

namespace tiercel::engine {

class Evaluator;

/// `rule_matching`: only the first rule that matches, or all of them.
enum class Matching : std::uint8_t { kFirst, kAll };

struct CompileOptions {
  Matching matching = Matching::kFirst;
  rules::Selection selection;
  alert::AlertOptions alerts;
  bool use_index = true;  ///< off in tests: every rule is a candidate
};

/// One enabled rule as alerts see it.
struct CompiledRule {
  alert::RuleMeta meta;
  std::string tags_text;  ///< the tags with a comma between, as the store keeps them
  std::unique_ptr<const alert::RuleOutput> output;
  condition::ExprPtr condition;  ///< the resolved tree, for explanations and the naive evaluator
  rules::ResolvedRule source;
};

/// All enabled rules compiled, with their index. Immutable; shared by all threads
/// through base::Snapshot. A RuleSet owns the FieldSet that its predicates and
/// templates refer to.
class RuleSet {
 public:
  RuleSet(const RuleSet&) = delete;
  RuleSet& operator=(const RuleSet&) = delete;
  ~RuleSet();

  /// Enabled rules in evaluation order; a rule's number is its place here.
  [[nodiscard]] std::span<const CompiledRule> rules() const;
  [[nodiscard]] const audit::FieldSet& fields() const;
  [[nodiscard]] Matching matching() const;
  /// Which rules these are, 32 hex digits: the first half of a SHA-256 over the rules files' bytes
  /// in the order in which they were read (it decides which rule comes first and what overrides
  /// what), the names of the rules that are enabled, and `matching`. Not over the files' names:
  /// the same rules have the same hash wherever they lie. How alerts are written is not in it.
  [[nodiscard]] const std::string& hash() const;
  /// Every rule that was loaded, disabled ones included.
  [[nodiscard]] std::span<const rules::ResolvedRule> loaded() const;
  /// Distinct predicates, shared over all rules.
  [[nodiscard]] std::size_t predicate_count() const;
  /// What a predicate checks, as a condition says it, and the rules that ask it.
  struct PredicateUse {
    std::string text;
    std::vector<std::uint32_t> rules;
  };
  /// Of these predicates, in their order. Walks all rules: for reports.
  [[nodiscard]] std::vector<PredicateUse> uses_of(std::span<const std::uint32_t> predicates) const;
  /// What evaluating it has cost and how often its rules matched: the one thing here that goes
  /// on changing.
  [[nodiscard]] const RuleCosts& costs() const;
  /// Bytes by which the process's heap grew while it was built, 0 where nobody knows: right where
  /// no other thread takes memory meanwhile, as in a command or before a daemon's threads begin.
  /// Measured instead of summed up because most of it lies in libraries (expressions compiled by
  /// RE2, maps, strings). What RE2 remembers of texts while it runs comes on top.
  [[nodiscard]] std::uint64_t memory() const;

 private:
  friend class Evaluator;
  friend class Builder;
  RuleSet();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// What loading gave: a rule set when there were no errors, and everything found.
struct LoadResult {
  std::shared_ptr<const RuleSet> rule_set;
  base::Diagnostics diagnostics;
  std::vector<rules::Loader::Definition> definitions;
  std::string required_engine_version;
};

/// Files → rule set: read, merge, resolve, check, compile. Every mistake in every
/// file is in `diagnostics`.
[[nodiscard]] LoadResult load_rules(const std::vector<rules::RulesFile>& files,
                                    const CompileOptions& options);

/// Evaluates events against a rule set with this thread's scratch memory.
///
/// Runs on: io thread; one instance per thread; not shared.
class Evaluator {
 public:
  Evaluator();
  ~Evaluator();
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;

  /// 1 measures every event, 0 none; about every kSampleEvery-th without this call.
  void measure_every(std::uint32_t events);
  /// Call once per batch; keeps the rule set alive until the next call.
  void use(std::shared_ptr<const RuleSet> rule_set);
  /// The numbers of the rules that match, in evaluation order (one at the most for
  /// Matching::kFirst). Valid until the next call. `map()` is bound to the event
  /// afterwards, so that alerts can be rendered from it.
  [[nodiscard]] std::span<const std::uint32_t> evaluate(const audit::AuditEvent& event,
                                                        const audit::FieldContext& context);
  [[nodiscard]] audit::FieldMap& map();
  [[nodiscard]] const RuleSet& rule_set() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tiercel::engine
