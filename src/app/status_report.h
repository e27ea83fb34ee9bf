#pragma once

#include <cstdint>
#include <string>

#include "tiercel/base/metrics.h"
#include "tiercel/store/store.h"
#include "tiercel/watch/apiservers.h"
#include "tiercel/watch/reconciler.h"

namespace tiercel::app {

/// What GET /status answers: the store, the apiservers, and every counter of the daemon since its
/// start. `steady` is the present steady time, in nanoseconds.
[[nodiscard]] std::string status_json(const store::StoreStatus& store, const base::Metrics& metrics,
                                      const std::vector<watch::ApiserverStatus>& apiservers,
                                      const watch::ReconcileStatus& reconciliation,
                                      std::int64_t steady);

}  // namespace tiercel::app
