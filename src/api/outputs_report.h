#pragma once

#include <cstdint>
#include <vector>

#include <nlohmann/json.hpp>

#include "tiercel/output/runner.h"

namespace tiercel::api {

/// What GET /outputs answers, and GET /status among the rest; `now` in nanoseconds since the epoch.
[[nodiscard]] nlohmann::ordered_json outputs_part(const std::vector<output::OutputStatus>& outputs,
                                                  std::int64_t now);

}  // namespace tiercel::api
