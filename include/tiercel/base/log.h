#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tiercel::base {

/// Severities of our own log, as falco.yaml's `log_level` names them.
enum class LogLevel : std::uint8_t {
  kEmergency,
  kAlert,
  kCritical,
  kError,
  kWarning,
  kNotice,
  kInfo,
  kDebug
};

/// Where log lines go and from which level on. Set once at start, before threads.
struct LogOptions {
  LogLevel level = LogLevel::kInfo;
  bool to_stderr = true;
  bool to_syslog = false;
  bool iso_time = false;
  bool json = false;  ///< a line is an object: time, level, message
};
void configure_log(const LogOptions& options);

/// One line: local time (or ISO), level, text. Control characters in the text are
/// escaped, so nothing a peer sends can forge a line. Thread-safe.
void log(LogLevel level, std::string_view text);

inline void log_error(std::string_view text) { log(LogLevel::kError, text); }
inline void log_warning(std::string_view text) { log(LogLevel::kWarning, text); }
inline void log_info(std::string_view text) { log(LogLevel::kInfo, text); }
inline void log_debug(std::string_view text) { log(LogLevel::kDebug, text); }

}  // namespace tiercel::base
