#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/alert/alert_id.h"
#include "tiercel/engine/rule_set.h"

namespace tiercel::selftest {

/// An audit event made up so that one rule alerts on it, or why there is none.
struct SyntheticEvent {
  std::string rule;
  std::string event;       ///< JSON of one line; empty where none was found
  alert::AlertId alert{};  ///< of the alert it will make
  bool is_off = false;     ///< a macro that never holds switches its condition off
  std::string problem;     ///< what a reader should know of a rule without an event
};

struct SyntheticOptions {
  std::string mark;       ///< into the annotation of watch::kSelftestAnnotation
  std::int64_t time = 0;  ///< stageTimestamp, nanoseconds since the epoch
  audit::FieldContext context{};
  unsigned attempts = 2000;  ///< for each rule
};

/// One event for each enabled rule of the set. A condition's checks are turned into values of the
/// fields they ask for, one way through its alternatives at a time, and the engine's own evaluator
/// says whether the event matches; what is here made an alert of that rule and no other first.
[[nodiscard]] std::vector<SyntheticEvent> synthetic_events(
    const std::shared_ptr<const engine::RuleSet>& rules, const SyntheticOptions& options);

}  // namespace tiercel::selftest
