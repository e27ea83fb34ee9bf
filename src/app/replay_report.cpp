#include "replay_report.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

namespace tiercel::app {

namespace {

constexpr std::uint64_t kMostReports = 20;
constexpr std::chrono::milliseconds kProgressInterval{200};
constexpr double kMegabyte = 1e6;

using Count = unsigned long long;  // what %llu takes

// 0, or why not, as errno.
int write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno != EINTR) {
      return errno;
    }
    text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
  }
  return 0;
}

}  // namespace

ReplayReport::ReplayReport(bool quiet)
    : quiet_(quiet), has_progress_(!quiet && ::isatty(STDERR_FILENO) != 0) {}

bool ReplayReport::take(ReplayResult& result) {
  const std::string& alerts = result.alerts.bytes;
  if (!alerts.empty()) {
    clear_progress();
    // At once and whole: whoever reads along sees them.
    print_error_ = write_all(alerts);
    if (print_error_ != 0) {
      return false;
    }
  }
  if (!quiet_) {
    for (const store::Record& record : result.alerts.records) {
      auto& [name, count] = by_rule_[record.rule.data()];
      name = record.rule;
      ++count;
    }
  }
  alerts_ += result.alerts.records.size();
  events_ += result.counts.events;
  bytes_ += result.bytes;
  tell_unreadable(result);
  show_progress();
  return true;
}

void ReplayReport::tell_unreadable(const ReplayResult& result) {
  if (file_ != result.file) {
    file_ = result.file;
    lines_ = 0;
  }
  for (const Unreadable& unreadable : result.unreadable) {
    if (unreadable_++ < kMostReports) {
      clear_progress();
      const std::string line =
          unreadable.line == 0 ? "" : ":" + std::to_string(lines_ + unreadable.line);
      std::fprintf(stderr, "%s%s: %s\n", file_->c_str(), line.c_str(), unreadable.message.c_str());
    }
  }
  lines_ += result.counts.lines;
}

void ReplayReport::summary() {
  clear_progress();
  if (unreadable_ > kMostReports) {
    std::fprintf(stderr, "and %llu more unreadable events\n",
                 static_cast<Count>(unreadable_ - kMostReports));
  }
  if (quiet_) {
    return;
  }
  const double seconds = std::max(
      1e-6, std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count());
  const double megabytes = static_cast<double>(bytes_) / kMegabyte;
  std::fprintf(stderr,
               "%llu events, %llu alerts, %llu unreadable; %.1f MB in %.2f s: %.0f MB/s, "
               "%.0f events/s\n",
               static_cast<Count>(events_), static_cast<Count>(alerts_),
               static_cast<Count>(unreadable_), megabytes, seconds, megabytes / seconds,
               static_cast<double>(events_) / seconds);
  std::map<std::string_view, std::uint64_t> by_name;
  for (const auto& [place, rule] : by_rule_) {
    by_name[rule.first] += rule.second;
  }
  std::vector<std::pair<std::string, std::uint64_t>> rules(by_name.begin(), by_name.end());
  std::stable_sort(rules.begin(), rules.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  for (const auto& [rule, count] : rules) {
    std::fprintf(stderr, "%10llu  %s\n", static_cast<Count>(count), rule.c_str());
  }
}

void ReplayReport::show_progress() {
  const auto now = std::chrono::steady_clock::now();
  if (!has_progress_ || now - shown_ < kProgressInterval) {
    return;
  }
  shown_ = now;
  is_shown_ = true;
  std::fprintf(stderr, "\r\x1b[K%.0f MB, %llu events, %llu alerts",
               static_cast<double>(bytes_) / kMegabyte, static_cast<Count>(events_),
               static_cast<Count>(alerts_));
}

void ReplayReport::clear_progress() {
  if (std::exchange(is_shown_, false)) {
    std::fputs("\r\x1b[K", stderr);
  }
}

}  // namespace tiercel::app
