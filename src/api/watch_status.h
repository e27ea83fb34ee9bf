#pragma once

#include <vector>

#include <nlohmann/json.hpp>

#include "tiercel/watch/apiservers.h"
#include "tiercel/watch/reconciler.h"

namespace tiercel::api {

/// Adds `apiservers` and `reconciliation` to what GET /status answers: each apiserver with its
/// figures, and what the apiservers' own counters say of losses.
void append_watch_status(nlohmann::ordered_json& out,
                         const std::vector<watch::ApiserverStatus>& apiservers,
                         const watch::ReconcileStatus& reconciliation);

}  // namespace tiercel::api
