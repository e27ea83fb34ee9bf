#pragma once

#include <vector>

#include "targets.h"
#include "view_index.h"

namespace tiercel::analyse {

/// What the rules need of the requests of one verb for one target.
struct Need {
  Level level = Level::kNone;
  Stages stages = 0;
  std::vector<const RuleView*> rules;  ///< those that need this level
};

/// needs[target][verb], over all rules, of any user.
using Needs = std::vector<std::vector<Need>>;
[[nodiscard]] Needs needs_of(const ViewIndex& rules, const Universe& universe);

/// A user of the cluster itself, or all of a group, whose requests are the most there are.
struct Subject {
  const char* name = nullptr;
  bool is_group = false;
};
/// Those of them of whom no rule looks at every kind of request.
[[nodiscard]] std::vector<Subject> quiet_subjects(const ViewIndex& rules, const Universe& universe);
/// Whether one of these rules looks at such requests of one of these subjects.
[[nodiscard]] bool concerns(const Views& rules, const std::vector<Subject>& subjects,
                            const Facts& facts);

}  // namespace tiercel::analyse
