#pragma once

#include "tiercel/audit/decode.h"
#include "tiercel/base/metrics.h"

namespace tiercel::pipeline {

/// What counts a piece that could not be taken: the row of its code. One that has no row of its own
/// counts as no JSON, so that the sum of all is that of all pieces.
[[nodiscard]] base::Metric quarantine_metric(const audit::BadInput& bad);

}  // namespace tiercel::pipeline
