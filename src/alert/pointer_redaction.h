#pragma once

#include <span>
#include <string>
#include <string_view>

#include "tiercel/audit/event.h"

#include "redact_engine.h"

namespace tiercel::alert {

/// Whether the request of this event is about Secrets: by its objectRef, or by what the
/// object in its request or response says to be.
[[nodiscard]] bool is_secret_event(const audit::AuditEvent& event);

/// Masks `text`, the value at this JSON pointer in the event, by what stands around it
/// there. False when nothing was masked.
[[nodiscard]] bool redact_pointer(std::string_view text, std::span<const std::string> path,
                                  const audit::AuditEvent& event, const RedactScope& scope,
                                  std::string& out);

}  // namespace tiercel::alert
