#pragma once

#include <string>

#include "tiercel/alert/rule_output.h"

namespace tiercel::alert {

/// An alert of our own that is about an apiserver, or about what came from one: as JSON it has the
/// member apiserver, as alerts of rules have it.
void render_internal(const InternalAlert& alert, const AlertOrigin& origin,
                     const AlertOptions& options, std::string& out);

}  // namespace tiercel::alert
