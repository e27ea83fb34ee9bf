#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "tiercel/output/output.h"

namespace tiercel::output {

/// How a syslog message is written.
struct SyslogFormat {
  enum class Protocol : std::uint8_t {
    kRfc5424,
    kRfc3164,
    kLocal,  ///< as RFC 3164 without the host name, as local daemons expect it
  };
  Protocol protocol = Protocol::kRfc5424;
  std::uint32_t facility = 1;
  std::string app_name = "falco";
  std::string hostname;
  bool cef = false;
  /// Severity for each priority, 0 emergency … 7 debug.
  std::array<std::uint8_t, 8> severities{0, 1, 2, 3, 4, 5, 6, 7};
  std::size_t max_message = 8192;  ///< bytes; a longer one is cut at a character's border
};

/// Appends one message, not framed, without a newline.
void append_syslog(std::string& out, const Message& message, const SyslogFormat& format);
/// Appends the alert in ArcSight's Common Event Format.
void append_cef(std::string& out, const Message& message);

}  // namespace tiercel::output
