#pragma once

#include <array>
#include <cstdint>

#include "tiercel/audit/event.h"
#include "tiercel/base/arena.h"

namespace tiercel::audit {

/// Which event this is, whatever a client chose as auditID: a 128-bit hash of
/// auditID, stage, stageTimestamp, requestReceivedTimestamp, user name, verb,
/// requestURI, last source address, response code; never the arrival time.
struct EventKey {
  std::array<std::uint64_t, 2> bits{};
  friend bool operator==(const EventKey&, const EventKey&) = default;
};

[[nodiscard]] EventKey event_key(const AuditEvent& event, base::Arena& arena);

}  // namespace tiercel::audit
