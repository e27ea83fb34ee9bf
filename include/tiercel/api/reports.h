#pragma once

#include <cstdint>
#include <string>

#include "tiercel/base/metrics.h"
#include "tiercel/store/store.h"

namespace tiercel::app {

/// What GET /status answers: the store, and every counter of the daemon since its start. `steady`
/// is the present steady time, in nanoseconds.
[[nodiscard]] std::string status_json(const store::StoreStatus& store, const base::Metrics& metrics,
                                      std::int64_t steady);

}  // namespace tiercel::app
