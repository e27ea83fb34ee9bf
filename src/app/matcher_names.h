#pragma once

#include "tiercel/base/diagnostic.h"
#include "tiercel/config/settings.h"

namespace tiercel::app {

/// Warns of names in the matchers of routes and silences that no alert can have: such a matcher
/// never holds, or with != always.
void warn_of_matcher_names(const config::Settings& settings, base::Diagnostics& diagnostics);

}  // namespace tiercel::app
