#include "selection.h"

#include <utility>

namespace tiercel::output {

Selection::Selection(std::string output, base::Priority minimum,
                     const base::Snapshot<Routing>& routing)
    : output_(std::move(output)),
      minimum_(minimum),
      source_(routing),
      routing_(routing.current()) {}

Choice Selection::choose(const store::StoredAlert& alert) const {
  using Fate = Choice::Fate;
  if (alert.priority > static_cast<std::uint8_t>(minimum_)) {
    return {Fate::kFiltered, nullptr};
  }
  if (routing_ == nullptr) {
    return {Fate::kMessage, nullptr};
  }
  const Verdict verdict = routing_->verdict(alert, output_);
  if (verdict.action == nullptr) {
    return {Fate::kFiltered, nullptr};
  }
  if (!verdict.silence.empty()) {
    return {Fate::kSilenced, verdict.action};
  }
  return {verdict.action->grouping.by.empty() ? Fate::kMessage : Fate::kGrouped, verdict.action};
}

}  // namespace tiercel::output
