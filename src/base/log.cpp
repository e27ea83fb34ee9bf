#include "tiercel/base/log.h"

#include <memory>
#include <string>
#include <vector>

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/syslog_sink.h>
#include <spdlog/spdlog.h>

#include "tiercel/base/json_text.h"
#include "tiercel/base/mutex.h"

namespace tiercel::base {

namespace {

constexpr const char* kLoggerName = "tiercel";

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kEmergency:
    case LogLevel::kAlert:
    case LogLevel::kCritical:
      return spdlog::level::critical;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kNotice:
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kDebug:
      return spdlog::level::debug;
  }
  return spdlog::level::info;
}

std::shared_ptr<spdlog::logger> make_logger(const LogOptions& options) {
  std::vector<spdlog::sink_ptr> sinks;
  if (options.to_stderr) {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    sink->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        options.iso_time ? "%Y-%m-%dT%H:%M:%S+0000 %l: %v" : "%Y-%m-%d %H:%M:%S %l: %v",
        options.iso_time ? spdlog::pattern_time_type::utc : spdlog::pattern_time_type::local));
    sinks.push_back(std::move(sink));
  }
  if (options.to_syslog) {
    auto sink = std::make_shared<spdlog::sinks::syslog_sink_mt>(kLoggerName, 0, LOG_DAEMON, false);
    sink->set_pattern("%v");
    sinks.push_back(std::move(sink));
  }
  auto logger = std::make_shared<spdlog::logger>(kLoggerName, sinks.begin(), sinks.end());
  logger->set_level(to_spdlog(options.level));
  logger->flush_on(spdlog::level::trace);
  return logger;
}

// Exchanged by a reload while other threads log.
struct Current {
  Mutex mutex;
  std::shared_ptr<spdlog::logger> logger TIERCEL_GUARDED_BY(mutex) = make_logger({});
};

Current& current() {
  static Current instance;
  return instance;
}

std::shared_ptr<spdlog::logger> logger() {
  const MutexLock lock(current().mutex);
  return current().logger;
}

}  // namespace

void configure_log(const LogOptions& options) {
  auto made = make_logger(options);
  const MutexLock lock(current().mutex);
  current().logger.swap(made);
}

void log(LogLevel level, std::string_view text) {
  const auto spdlog_level = to_spdlog(level);
  const std::shared_ptr<spdlog::logger> to = logger();
  if (!to->should_log(spdlog_level)) {
    return;
  }
  std::string escaped;
  std::size_t from = 0;
  // Line ends that we wrote ourselves (diagnostics) stay; everything else that could
  // move a terminal's cursor or forge a line is escaped by the caller's peer text.
  while (from <= text.size()) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    std::string line;
    append_json_escaped(line, text.substr(from, end - from));
    // Quotes and backslashes are readable as they are.
    for (std::size_t at = 0; at < line.size(); ++at) {
      if (line[at] == '\\' && at + 1 < line.size() &&
          (line[at + 1] == '"' || line[at + 1] == '\\')) {
        ++at;
      }
      escaped.push_back(line[at]);
    }
    if (end == text.size()) {
      break;
    }
    escaped.push_back('\n');
    from = end + 1;
  }
  to->log(spdlog_level, spdlog::string_view_t(escaped.data(), escaped.size()));
}

}  // namespace tiercel::base
