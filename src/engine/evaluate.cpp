#include <functional>
#include <vector>

#include "tiercel/engine/rule_set.h"

#include "rule_set_impl.h"
#include "stopwatch.h"

namespace tiercel::engine {

struct Evaluator::Impl {
  std::shared_ptr<const RuleSet> set;
  audit::FieldMap map;
  /// answers[predicate] = epoch * 2 + result; an older epoch means "not asked yet".
  std::vector<std::uint64_t> answers;
  std::uint64_t epoch = 0;
  std::vector<std::uint32_t> matches;
  RuleSplit::Scratch scratch;

  std::uint32_t sampling = RuleCosts::sample_every();
  std::uint64_t chance = std::hash<const void*>()(this) | 1U;
  std::uint64_t until_sample = next_distance();
  CostSample sample;

  [[nodiscard]] bool is_answered(std::uint32_t number) const {
    return answers[number] >> 1U == epoch;
  }
  [[nodiscard]] bool holds(const RuleSet::Impl& rules, std::uint32_t number) {
    std::uint64_t& answer = answers[number];
    if (answer >> 1U != epoch) {
      answer = epoch << 1U | static_cast<std::uint64_t>(rules.predicates[number]->holds(map));
    }
    return (answer & 1U) != 0;
  }
  [[nodiscard]] std::span<const std::uint32_t> begin(const audit::AuditEvent& event,
                                                     const audit::FieldContext& context);
  [[nodiscard]] bool add_match(std::uint32_t rule);
  /// 1 to 2 n - 1, n in the mean; Marsaglia's xorshift.
  [[nodiscard]] std::uint64_t next_distance();
  void evaluate_measured(const audit::AuditEvent& event, const audit::FieldContext& context);
};

std::uint64_t Evaluator::Impl::next_distance() {
  if (sampling == 0) {
    return UINT64_MAX;
  }
  chance ^= chance << 13U;
  chance ^= chance >> 7U;
  chance ^= chance << 17U;
  return 1 + chance % (2 * std::uint64_t{sampling} - 1);
}

// The rules to try.
std::span<const std::uint32_t> Evaluator::Impl::begin(const audit::AuditEvent& event,
                                                      const audit::FieldContext& context) {
  const RuleSet::Impl& rules = *set->impl_;
  map.bind(rules.fields, context, event);
  ++epoch;
  matches.clear();
  return rules.use_index ? rules.index.candidates(map, scratch) : rules.index.all_rules();
}

// Whether the rules behind it are tried too.
bool Evaluator::Impl::add_match(std::uint32_t rule) {
  matches.push_back(rule);
  set->impl_->costs->add_match(rule);
  return set->impl_->matching == Matching::kAll;
}

// The same answers as the plain way; what each part took goes to the rule set's costs.
void Evaluator::Impl::evaluate_measured(const audit::AuditEvent& event,
                                        const audit::FieldContext& context) {
  const RuleSet::Impl& rules = *set->impl_;
  const std::int64_t cost = Stopwatch::cost();
  const Stopwatch stopwatch;
  sample.rules.clear();
  sample.predicates.clear();
  std::int64_t readings = 0;
  const std::int64_t start = Stopwatch::now();
  const std::span<const std::uint32_t> candidates = begin(event, context);
  std::int64_t last = Stopwatch::now();
  sample.index = last - start - cost;
  for (const std::uint32_t rule : candidates) {
    const std::int64_t readings_before = readings;
    const bool matched = rules.programs[rule].matches([&](std::uint32_t number) {
      if (is_answered(number)) {
        return holds(rules, number);
      }
      const std::int64_t before = Stopwatch::now();
      const bool answer = holds(rules, number);
      sample.predicates.push_back({number, Stopwatch::now() - before - cost, answer});
      readings += 2;
      return answer;
    });
    const std::int64_t now = Stopwatch::now();
    ++readings;
    sample.rules.push_back({rule, now - last - (readings - readings_before) * cost, matched});
    last = now;
    if (matched && !add_match(rule)) {
      break;
    }
  }
  sample.total = last - start - (readings + 1) * cost;
  if (const double share = stopwatch.share_on_core(last - start); share < 1) {
    sample.scale(share);
  }
  rules.costs->add(sample);
}

Evaluator::Evaluator() : impl_(std::make_unique<Impl>()) {}
Evaluator::~Evaluator() = default;

void Evaluator::use(std::shared_ptr<const RuleSet> rule_set) {
  if (rule_set == impl_->set) {
    return;
  }
  impl_->set = std::move(rule_set);
  impl_->answers.assign(impl_->set->impl_->predicates.size(), 0);
  impl_->matches.reserve(impl_->set->impl_->rules.size());
  impl_->sample.rules.reserve(impl_->set->impl_->rules.size());
  impl_->sample.predicates.reserve(impl_->set->impl_->predicates.size());
}

void Evaluator::measure_every(std::uint32_t events) {
  impl_->sampling = events;
  impl_->until_sample = impl_->next_distance();
}

std::span<const std::uint32_t> Evaluator::evaluate(const audit::AuditEvent& event,
                                                   const audit::FieldContext& context) {
  if (--impl_->until_sample == 0) {
    impl_->until_sample = impl_->next_distance();
    impl_->evaluate_measured(event, context);
    return impl_->matches;
  }
  const RuleSet::Impl& set = *impl_->set->impl_;
  for (const std::uint32_t rule : impl_->begin(event, context)) {
    const bool matched = set.programs[rule].matches(
        [&](std::uint32_t predicate) { return impl_->holds(set, predicate); });
    if (matched && !impl_->add_match(rule)) {
      break;
    }
  }
  return impl_->matches;
}

audit::FieldMap& Evaluator::map() { return impl_->map; }
const RuleSet& Evaluator::rule_set() const { return *impl_->set; }

}  // namespace tiercel::engine
