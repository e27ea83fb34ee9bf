#include "tiercel/engine/rule_set.h"

#include <unordered_map>

#include "rule_set_impl.h"

namespace tiercel::engine {

namespace {

// Visits the checks of a tree in the order of its program's instructions.
// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth limit of conditions.
void for_each_check(const condition::Expr& expr, const auto& visit) {
  if (expr.kind == condition::Expr::Kind::kCheck) {
    visit(*expr.check);
  }
  for (const condition::ExprPtr& operand : expr.operands) {
    for_each_check(*operand, visit);
  }
}

}  // namespace

RuleSet::RuleSet() : impl_(std::make_unique<Impl>()) {}
RuleSet::~RuleSet() = default;

std::span<const CompiledRule> RuleSet::rules() const { return impl_->rules; }
const audit::FieldSet& RuleSet::fields() const { return impl_->fields; }
Matching RuleSet::matching() const { return impl_->matching; }
const std::string& RuleSet::hash() const { return impl_->hash; }
std::span<const rules::ResolvedRule> RuleSet::loaded() const { return impl_->loaded; }
std::size_t RuleSet::predicate_count() const { return impl_->predicates.size(); }
const RuleCosts& RuleSet::costs() const { return *impl_->costs; }
std::uint64_t RuleSet::memory() const { return impl_->memory; }

// The texts are not kept: of many rules they would be a good part of what these hold.
std::vector<RuleSet::PredicateUse> RuleSet::uses_of(
    std::span<const std::uint32_t> predicates) const {
  std::vector<PredicateUse> uses(predicates.size());
  std::unordered_map<std::uint32_t, PredicateUse*> wanted;
  for (std::size_t at = 0; at < predicates.size(); ++at) {
    wanted.emplace(predicates[at], &uses[at]);
  }
  for (std::uint32_t rule = 0; rule < impl_->rules.size(); ++rule) {
    auto instruction = impl_->programs[rule].instructions().begin();
    for_each_check(*impl_->rules[rule].condition, [&](const condition::Check& check) {
      const auto found = wanted.find((instruction++)->predicate);
      if (found == wanted.end()) {
        return;
      }
      PredicateUse& use = *found->second;
      if (use.text.empty()) {
        use.text = condition::to_text(check);
      }
      if (use.rules.empty() || use.rules.back() != rule) {
        use.rules.push_back(rule);
      }
    });
  }
  return uses;
}

}  // namespace tiercel::engine
