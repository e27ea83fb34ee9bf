#pragma once

#include <cstdint>
#include <vector>

#include "tiercel/http/request.h"
#include "tiercel/watch/apiservers.h"

namespace tiercel::api {

struct FlowInput {
  const std::vector<watch::ApiserverStatus>& apiservers;
  /// So long ago was the start, and no event has come from anywhere although some are due, in
  /// nanoseconds; 0: not so.
  std::int64_t nothing_for = 0;
  std::int64_t now = 0;  ///< nanoseconds since the epoch
};

/// What GET /readyz/events answers: 200 while events flow or none are due, else 503 with who is
/// silent, since when, and what to do.
[[nodiscard]] http::Response flow_answer(const FlowInput& input);

}  // namespace tiercel::api
