#pragma once

#include <cstdint>
#include <string>

#include "tiercel/store/feed.h"

namespace tiercel::output {

/// "2026-01-02T03:04:05.678Z" of nanoseconds since the epoch.
[[nodiscard]] std::string rfc3339(std::int64_t nanoseconds);
/// The time that a peer is told: of the event, or when the alert was stored where the event had
/// none that a peer would take.
[[nodiscard]] std::int64_t told_time(const store::StoredAlert& alert);
/// strftime() of the time in UTC; at most 255 bytes, the pattern itself where that fails.
[[nodiscard]] std::string formatted_utc(const std::string& pattern, std::int64_t nanoseconds);

}  // namespace tiercel::output
