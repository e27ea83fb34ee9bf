#pragma once

#include <string>

#include "options.h"

namespace tiercel::app {

/// Falco's --support: one line of JSON with what a report about a problem needs; secrets of
/// the configuration are masked.
[[nodiscard]] std::string support_report(const CommonOptions& options,
                                         const config::Loaded& loaded);

}  // namespace tiercel::app
