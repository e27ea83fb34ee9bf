#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "tiercel/audit/event_key.h"

namespace tiercel::alert {

/// Deterministic and sorted by time: 48 bits of milliseconds of the event's own
/// time (0 without one), then 80 bits of a hash of event key and rule name. A batch
/// sent twice, or a second replica, makes no second id.
struct AlertId {
  std::array<std::uint8_t, 16> bytes{};
  friend auto operator<=>(const AlertId&, const AlertId&) = default;
};

[[nodiscard]] AlertId make_alert_id(std::int64_t time, bool time_is_arrival,
                                    const audit::EventKey& key, std::string_view rule);
/// 32 lower-case hex digits.
[[nodiscard]] std::string to_text(const AlertId& id);
void append_text(std::string& out, const AlertId& id);

}  // namespace tiercel::alert
