#include "log_settings.h"

#include "tiercel/base/log.h"

namespace tiercel::app {

void configure_log(const config::Settings& settings) {
  base::LogOptions options;
  options.level = settings.log.level;
  options.to_stderr = settings.log.to_stderr;
  options.to_syslog = settings.log.to_syslog;
  options.iso_time = settings.alerts.time_format_iso_8601;
  base::configure_log(options);
}

http::Limits http_limits(const config::LimitSettings& settings) {
  http::Limits limits;
  limits.connections = settings.max_connections;
  limits.connections_per_peer = settings.max_connections_per_peer;
  limits.header_bytes = static_cast<std::uint32_t>(settings.max_header.bytes);
  limits.body_bytes = settings.max_body.bytes;
  limits.header_timeout = settings.header_timeout;
  limits.body_timeout = settings.body_timeout;
  limits.idle_timeout = settings.idle_timeout;
  limits.write_timeout = settings.write_timeout;
  limits.minimum_rate = static_cast<std::uint32_t>(settings.min_body_rate.bytes);
  limits.rate_grace = settings.rate_grace;
  limits.drain_bytes = settings.drain_size.bytes;
  limits.drain_timeout = settings.drain_timeout;
  return limits;
}

}  // namespace tiercel::app
