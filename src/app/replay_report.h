#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "replay_workers.h"

namespace tiercel::app {

/// Prints alerts to standard output as they come, everything else (unreadable events,
/// progress on a terminal, the summary) to standard error.
///
/// REQUIRES: the rules outlive it. Runs on: one thread at a time.
class ReplayReport {
 public:
  explicit ReplayReport(bool quiet);

  /// False when standard output did not take the alerts: what comes behind them is lost too.
  [[nodiscard]] bool take(ReplayResult& result);
  /// What was read and which rules fired; nothing when quiet.
  void summary();
  [[nodiscard]] bool had_unreadable() const { return unreadable_ != 0; }
  /// Why standard output did not take all alerts, as errno; 0: it did.
  [[nodiscard]] int print_error() const { return print_error_; }

 private:
  void tell_unreadable(const ReplayResult& result);
  void show_progress();
  void clear_progress();

  const bool quiet_;
  const bool has_progress_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point shown_{};
  bool is_shown_ = false;
  int print_error_ = 0;
  // By where the rule's name stands, so that an alert costs no comparison of texts.
  std::unordered_map<const char*, std::pair<std::string_view, std::uint64_t>> by_rule_;
  std::uint64_t events_ = 0;
  std::uint64_t alerts_ = 0;
  std::uint64_t unreadable_ = 0;
  std::uint64_t bytes_ = 0;
  std::shared_ptr<const std::string> file_;
  std::uint64_t lines_ = 0;  // of file_, in the blocks before
};

}  // namespace tiercel::app
