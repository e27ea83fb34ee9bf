#include <charconv>
#include <cmath>

#include "tiercel/watch/reconciler.h"

namespace tiercel::watch {

namespace {

constexpr std::string_view kPrefix = "apiserver_audit_";
constexpr std::string_view kStart = "process_start_time_seconds ";
constexpr std::size_t kMostPlugins = 32;
constexpr std::size_t kLongestPlugin = 64;

// Of `{plugin="webhook"}` the value between the quotes.
std::string_view label_of(std::string_view labels, std::string_view name) {
  const std::string wanted = std::string(name) + "=\"";
  const std::size_t at = labels.find(wanted);
  if (at == std::string_view::npos) {
    return {};
  }
  const std::string_view rest = labels.substr(at + wanted.size());
  return rest.substr(0, rest.find('"'));
}

// "1234" or "1.2e+06"; 0 where it is none, or too large once it is multiplied.
std::uint64_t number_of(std::string_view text, double unit = 1) {
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  value *= unit;
  const bool is_good = read.ec == std::errc() && std::isfinite(value) && value > 0 && value < 9e18;
  return is_good ? static_cast<std::uint64_t>(value) : 0;
}

void take_line(std::string_view line, AuditCounters& out) {
  const std::size_t brace = line.find('{');
  const std::size_t blank = line.rfind(' ');
  if (blank == std::string_view::npos) {
    return;
  }
  const std::string_view name = line.substr(0, std::min(brace, line.find(' ')));
  const std::string_view labels =
      brace == std::string_view::npos ? std::string_view{} : line.substr(brace);
  const std::uint64_t value = number_of(line.substr(blank + 1));
  if (name == "apiserver_audit_event_total") {
    out.has_events = true;
    out.events += value;
  } else if (name == "apiserver_audit_requests_rejected_total") {
    out.rejected_requests += value;
  } else if (name == "apiserver_audit_level_total" && label_of(labels, "level") == "None") {
    out.level_none += value;
  } else if (name == "apiserver_audit_error_total") {
    const std::string plugin(label_of(labels, "plugin").substr(0, kLongestPlugin));
    if (out.errors.size() < kMostPlugins || out.errors.contains(plugin)) {
      out.errors[plugin] += value;
    }
  }
}

}  // namespace

AuditCounters read_counters(std::string_view text) {
  AuditCounters out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    if (line.starts_with(kPrefix)) {
      take_line(line, out);
    } else if (line.starts_with(kStart)) {
      out.started = static_cast<std::int64_t>(number_of(line.substr(kStart.size()), 1e9));
    }
  }
  return out;
}

}  // namespace tiercel::watch
