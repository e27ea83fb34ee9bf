#include "families.h"

namespace tiercel::config {

void describe_log(Schema& schema, Settings& settings) {
  schema.set_live(true);
  Section<LogSettings> s(schema, "", settings.log);
  s.choice<base::LogLevel>("log_level", &LogSettings::level,
                           {{"emergency", base::LogLevel::kEmergency},
                            {"alert", base::LogLevel::kAlert},
                            {"critical", base::LogLevel::kCritical},
                            {"error", base::LogLevel::kError},
                            {"warning", base::LogLevel::kWarning},
                            {"notice", base::LogLevel::kNotice},
                            {"info", base::LogLevel::kInfo},
                            {"debug", base::LogLevel::kDebug}},
                           "The least severe messages of our own log; alerts are no log.");
  s.choice<LogSettings::Format>(
      "log_format", &LogSettings::format,
      {{"text", LogSettings::Format::kText}, {"json", LogSettings::Format::kJson}},
      "How its lines are written: for people, or as one JSON object each with time (UTC), level "
      "and "
      "message. Before the configuration is read, and in front of mistakes in it, it is text.");
  s.option("log_stderr", &LogSettings::to_stderr, "Write our own log to the standard error.");
  s.option("log_syslog", &LogSettings::to_syslog, "Write our own log to the local syslog.");
  schema.set_live(false);
}

}  // namespace tiercel::config
