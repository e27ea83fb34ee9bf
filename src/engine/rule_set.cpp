#include "tiercel/engine/rule_set.h"

#include "rule_set_impl.h"

namespace tiercel::engine {

RuleSet::RuleSet() : impl_(std::make_unique<Impl>()) {}
RuleSet::~RuleSet() = default;

std::span<const CompiledRule> RuleSet::rules() const { return impl_->rules; }
const audit::FieldSet& RuleSet::fields() const { return impl_->fields; }
Matching RuleSet::matching() const { return impl_->matching; }
const std::string& RuleSet::hash() const { return impl_->hash; }
std::span<const rules::ResolvedRule> RuleSet::loaded() const { return impl_->loaded; }
std::size_t RuleSet::predicate_count() const { return impl_->predicates.size(); }

}  // namespace tiercel::engine
