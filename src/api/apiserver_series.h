#pragma once

#include "tiercel/api/metrics.h"

#include "metrics_page.h"

namespace tiercel::api {

/// A series for each apiserver whose rhythm is known, and for each whose own counters are asked
/// for. So many at the most as the watch's table holds: whoever may post can make up clusters, and
/// one that is hardly known makes no series.
void add_apiservers(const MetricsInput& input, MetricsPage& page);

}  // namespace tiercel::api
