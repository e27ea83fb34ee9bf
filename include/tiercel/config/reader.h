#pragma once

#include "tiercel/config/document.h"
#include "tiercel/config/load.h"
#include "tiercel/config/reporter.h"
#include "tiercel/config/schema.h"

namespace tiercel::config {

/// Binds a document to a schema: values go into the structs that the schema points
/// to, mistakes to the reporter, places into the result. Unknown keys are errors with
/// the nearest name; keys of Falco without meaning here are remembered for one warning.
[[nodiscard]] Origins read_options(const Document& document, const Schema& schema,
                                   Reporter& reporter);

}  // namespace tiercel::config
