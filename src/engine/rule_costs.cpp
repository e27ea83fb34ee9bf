#include "tiercel/engine/rule_costs.h"

#include <algorithm>

namespace tiercel::engine {

void CostSample::scale(double share) {
  const auto shrink = [share](std::int64_t& time) {
    time = static_cast<std::int64_t>(static_cast<double>(time) * share);
  };
  for (std::vector<Part>* const parts : {&rules, &predicates}) {
    for (Part& part : *parts) {
      shrink(part.nanoseconds);
    }
  }
  shrink(index);
  shrink(total);
}

RuleCosts::RuleCosts(std::size_t rules, std::size_t predicates)
    : matches_(rules),
      rules_(rules),
      predicates_(predicates),
      held_(predicates),
      slow_(predicates) {}

RuleCosts::Cost RuleCosts::Counter::read() const {
  const std::int64_t nanoseconds = nanoseconds_.load(std::memory_order_relaxed);
  return {times_.load(std::memory_order_relaxed),
          static_cast<std::uint64_t>(std::max<std::int64_t>(nanoseconds, 0))};
}

void RuleCosts::add(const CostSample& sample) {
  for (const CostSample::Part& part : sample.rules) {
    rules_[part.number].add(part.nanoseconds);
  }
  for (const CostSample::Part& part : sample.predicates) {
    predicates_[part.number].add(part.nanoseconds);
    if (part.matched) {
      held_[part.number].fetch_add(1, std::memory_order_relaxed);
    }
    if (part.nanoseconds >= kSlowNanoseconds) {
      slow_[part.number].fetch_add(1, std::memory_order_relaxed);
    }
  }
  index_.add(sample.index);
  events_.add(sample.total);
}

}  // namespace tiercel::engine
