#pragma once

#include "options.h"

namespace tiercel::app {

/// The same options; where neither a configuration nor rules are named and there is an
/// installed configuration, with that.
[[nodiscard]] CommonOptions with_installed_config(CommonOptions options);

}  // namespace tiercel::app
