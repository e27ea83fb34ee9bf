#include <vector>

#include "tiercel/engine/rule_set.h"

#include "rule_set_impl.h"

namespace tiercel::engine {

struct Evaluator::Impl {
  std::shared_ptr<const RuleSet> set;
  audit::FieldMap map;
  /// answers[predicate] = epoch * 2 + result; an older epoch means "not asked yet".
  std::vector<std::uint64_t> answers;
  std::uint64_t epoch = 0;
  std::vector<std::uint32_t> matches;
  RuleSplit::Scratch scratch;

  [[nodiscard]] bool holds(const RuleSet::Impl& rules, std::uint32_t number) {
    std::uint64_t& answer = answers[number];
    if (answer >> 1U != epoch) {
      answer = epoch << 1U | static_cast<std::uint64_t>(rules.predicates[number]->holds(map));
    }
    return (answer & 1U) != 0;
  }
};

Evaluator::Evaluator() : impl_(std::make_unique<Impl>()) {}
Evaluator::~Evaluator() = default;

void Evaluator::use(std::shared_ptr<const RuleSet> rule_set) {
  if (rule_set == impl_->set) {
    return;
  }
  impl_->set = std::move(rule_set);
  impl_->answers.assign(impl_->set->impl_->predicates.size(), 0);
  impl_->matches.reserve(impl_->set->impl_->rules.size());
}

std::span<const std::uint32_t> Evaluator::evaluate(const audit::AuditEvent& event,
                                                   const audit::FieldContext& context) {
  const RuleSet::Impl& set = *impl_->set->impl_;
  impl_->map.bind(set.fields, context, event);
  ++impl_->epoch;
  impl_->matches.clear();
  const std::span<const std::uint32_t> candidates =
      set.use_index ? set.index.candidates(impl_->map, impl_->scratch) : set.index.all_rules();
  for (const std::uint32_t rule : candidates) {
    const bool matched = set.programs[rule].matches(
        [&](std::uint32_t predicate) { return impl_->holds(set, predicate); });
    if (matched) {
      impl_->matches.push_back(rule);
      if (set.matching == Matching::kFirst) {
        break;
      }
    }
  }
  return impl_->matches;
}

audit::FieldMap& Evaluator::map() { return impl_->map; }
const RuleSet& Evaluator::rule_set() const { return *impl_->set; }

}  // namespace tiercel::engine
