#pragma once

#include <nlohmann/json_fwd.hpp>

#include "needs.h"

namespace tiercel::selftest {

/// Puts what a field of the families ka.req.pod, ka.req.container and ka.workload wants into the
/// event's pod. False where the field is of none of them.
bool set_pod_value(nlohmann::json& event, const FieldKey& key, const Need& need);

}  // namespace tiercel::selftest
