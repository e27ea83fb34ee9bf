#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tiercel::base {

/// How bad an alert is, as in Falco and syslog; the smaller the worse. Stands in
/// `base` because both rules (that carry it) and alerts (that print it) need it.
enum class Priority : std::uint8_t {
  kEmergency,
  kAlert,
  kCritical,
  kError,
  kWarning,
  kNotice,
  kInformational,
  kDebug
};

/// The names as alerts print them.
inline constexpr std::array<std::string_view, 8> kPriorityNames{
    "Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Informational", "Debug"};

[[nodiscard]] constexpr std::string_view to_text(Priority priority) {
  return kPriorityNames[static_cast<std::size_t>(priority)];
}

/// Any case; `info` means Informational; no other abbreviation (Falco).
[[nodiscard]] std::optional<Priority> parse_priority(std::string_view name);

}  // namespace tiercel::base
