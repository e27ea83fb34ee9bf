#pragma once

#include "tiercel/config/settings.h"
#include "tiercel/http/options.h"

namespace tiercel::app {

/// Our own log, from `log_level`, `log_stderr`, `log_syslog`, `time_format_iso_8601`.
void configure_log(const config::Settings& settings);
[[nodiscard]] http::Limits http_limits(const config::LimitSettings& settings);

}  // namespace tiercel::app
