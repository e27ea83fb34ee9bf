#include "tiercel/base/log.h"

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/syslog_sink.h>
#include <spdlog/spdlog.h>

#include "tiercel/base/json_text.h"
#include "tiercel/base/mutex.h"
#include "tiercel/base/utc_time.h"

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

std::string_view name_of(LogLevel level) {
  constexpr std::array<std::string_view, 8> kNames{"emergency", "alert",  "critical", "error",
                                                   "warning",   "notice", "info",     "debug"};
  return kNames[static_cast<std::size_t>(level)];
}

std::shared_ptr<spdlog::logger> make_logger(const LogOptions& options) {
  std::vector<spdlog::sink_ptr> sinks;
  if (options.to_stderr) {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    sink->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        options.json       ? "%v"
        : options.iso_time ? "%Y-%m-%dT%H:%M:%S+0000 %l: %v"
                           : "%Y-%m-%d %H:%M:%S %l: %v",
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
  bool is_json TIERCEL_GUARDED_BY(mutex) = false;
};

Current& current() {
  static Current instance;
  return instance;
}

std::string json_line(LogLevel level, std::string_view text) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  std::string line = R"({"time":")";
  line += utc_text(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count(), 6);
  line += R"(","level":")";
  line += name_of(level);
  line += R"(","message":)";
  append_json_string(line, text);
  return line + "}";
}

// Line ends that we wrote ourselves (diagnostics) stay; everything else that could move a
// terminal's cursor or forge a line is escaped.
std::string text_line(std::string_view text) {
  std::string escaped;
  std::size_t from = 0;
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
  return escaped;
}

}  // namespace

void configure_log(const LogOptions& options) {
  auto made = make_logger(options);
  const MutexLock lock(current().mutex);
  current().logger.swap(made);
  current().is_json = options.json;
}

void log(LogLevel level, std::string_view text) {
  const auto spdlog_level = to_spdlog(level);
  std::shared_ptr<spdlog::logger> to;
  bool is_json = false;
  {
    const MutexLock lock(current().mutex);
    to = current().logger;
    is_json = current().is_json;
  }
  if (!to->should_log(spdlog_level)) {
    return;
  }
  const std::string line = is_json ? json_line(level, text) : text_line(text);
  to->log(spdlog_level, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace tiercel::base
