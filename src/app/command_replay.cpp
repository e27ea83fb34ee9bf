#include <chrono>
#include <cstdio>
#include <map>
#include <string>
#include <thread>

#include <unistd.h>

#include "input.h"
#include "options.h"
#include "replay_workers.h"

namespace tiercel::app {

namespace {

constexpr std::size_t kMostReports = 20;
constexpr std::chrono::milliseconds kProgressInterval{200};

// Rules that count events see them in input order only when one thread evaluates.
bool depends_on_order(const engine::RuleSet& rules) {
  for (std::size_t at = 0; at < rules.fields().size(); ++at) {
    const std::string_view name = rules.fields()[static_cast<audit::FieldId>(at)].field->name;
    if (name == "evt.num" || name.starts_with("evt.reltime")) {
      return true;
    }
  }
  return false;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// What was seen so far; prints alerts as they come and the rest to standard error.
class Report {
 public:
  explicit Report(const ReplayOptions& options)
      : quiet_(options.quiet), progress_(!options.quiet && ::isatty(STDERR_FILENO) != 0) {}

  void take(ReplayResult& result) {
    std::fwrite(result.alerts.bytes.data(), 1, result.alerts.bytes.size(), stdout);
    for (const store::Record& record : result.alerts.records) {
      ++by_rule_[std::string(record.rule)];
    }
    alerts_ += result.alerts.records.size();
    events_ += result.counts.events;
    bytes_ += result.bytes;
    for (const std::string& report : result.reports) {
      if (unreadable_++ < kMostReports) {
        clear_progress();
        std::fprintf(stderr, "%s\n", report.c_str());
      }
    }
    show_progress();
  }

  void summary() {
    clear_progress();
    if (quiet_) {
      return;
    }
    if (unreadable_ > kMostReports) {
      std::fprintf(stderr, "… and %llu more unreadable events\n",
                   static_cast<unsigned long long>(unreadable_ - kMostReports));
    }
    const double seconds = seconds_since(start_);
    std::fprintf(stderr,
                 "%llu events, %llu alerts, %llu unreadable; %.1f MB in %.2f s: %.0f MB/s, "
                 "%.0f events/s\n",
                 static_cast<unsigned long long>(events_), static_cast<unsigned long long>(alerts_),
                 static_cast<unsigned long long>(unreadable_), static_cast<double>(bytes_) / 1e6,
                 seconds, static_cast<double>(bytes_) / 1e6 / seconds,
                 static_cast<double>(events_) / seconds);
    for (const auto& [rule, count] : by_rule_) {
      std::fprintf(stderr, "%10llu  %s\n", static_cast<unsigned long long>(count), rule.c_str());
    }
  }

  [[nodiscard]] bool had_unreadable() const { return unreadable_ != 0; }

 private:
  void show_progress() {
    if (!progress_ || std::chrono::steady_clock::now() - shown_ < kProgressInterval) {
      return;
    }
    shown_ = std::chrono::steady_clock::now();
    std::fprintf(stderr, "\r\x1b[K%.0f MB, %llu events, %llu alerts",
                 static_cast<double>(bytes_) / 1e6, static_cast<unsigned long long>(events_),
                 static_cast<unsigned long long>(alerts_));
  }
  void clear_progress() {
    if (progress_) {
      std::fputs("\r\x1b[K", stderr);
    }
  }

  bool quiet_;
  bool progress_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point shown_{};
  std::map<std::string, std::uint64_t> by_rule_;
  std::uint64_t events_ = 0;
  std::uint64_t alerts_ = 0;
  std::uint64_t unreadable_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace

int replay_command(const ReplayOptions& options) {
  base::Diagnostics diagnostics;
  config::Loaded loaded = load_config(options.common, config::Purpose::kOffline, diagnostics);
  if (diagnostics.has_errors()) {
    print_diagnostics(diagnostics);
    return kError;
  }
  loaded.settings.alerts.json_output = loaded.settings.alerts.json_output || options.json;
  const auto files = read_rules(options.common, loaded.settings, diagnostics);
  engine::LoadResult rules;
  if (!diagnostics.has_errors()) {
    rules = engine::load_rules(files, compile_options(options.common, loaded.settings));
    diagnostics.append(rules.diagnostics);
  }
  if (!options.quiet || rules.rule_set == nullptr) {
    print_diagnostics(diagnostics);
  }
  if (rules.rule_set == nullptr) {
    return kError;
  }

  unsigned threads = options.threads != 0 ? options.threads : std::thread::hardware_concurrency();
  threads = depends_on_order(*rules.rule_set) ? 1 : std::max(threads, 1U);
  audit::DecodeLimits limits;
  limits.max_depth = loaded.settings.limits.max_depth;
  limits.max_event = loaded.settings.limits.max_event.bytes;
  Report report(options);
  base::Result<void> read;
  {
    ReplayWorkers workers(threads, rules.rule_set, field_context(loaded.settings), limits,
                          [&report](ReplayResult& result) { report.take(result); });
    read = read_inputs(options.inputs, [&workers](InputBatch input) {
      workers.put(std::move(input));
      return true;
    });
    workers.finish();
  }
  const bool printed = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  report.summary();
  if (!read) {
    std::fprintf(stderr, "Error: %s\n", read.error().text().c_str());
    return kError;
  }
  if (!printed) {
    std::fputs("Error: alerts could not be written to standard output\n", stderr);
    return kError;
  }
  return options.strict && report.had_unreadable() ? kUnreadable : kSuccess;
}

}  // namespace tiercel::app
