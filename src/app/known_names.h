#pragma once

#include "tiercel/base/diagnostic.h"
#include "tiercel/config/settings.h"
#include "tiercel/engine/rule_set.h"

namespace tiercel::app {

/// Warns of what no alert can have: names in matchers, `group_by` and `template` of routes, in
/// silences and in templates of outputs, and rules that are not loaded. Such a matcher never holds,
/// or with != always. `rules` is null where they did not load.
void warn_of_unknown_names(const config::Settings& settings, const engine::RuleSet* rules,
                           base::Diagnostics& diagnostics);

}  // namespace tiercel::app
