#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "tiercel/base/clock.h"
#include "tiercel/base/error.h"
#include "tiercel/base/metrics.h"
#include "tiercel/base/mutex.h"
#include "tiercel/output/dead_letters.h"
#include "tiercel/output/runner.h"

namespace tiercel::output {

/// Counts, logs and tells of what happens at one output. Trouble is told of once an episode,
/// and logged when it begins and then once a minute.
///
/// Runs on: the output's thread, but for status().
class RunnerReport {
 public:
  struct Parts {
    std::string name;
    std::string kind;
    const base::Clock& clock;
    base::Metrics& metrics;
    OutputRunner::OnEvent on_event;
    OutputRunner::OnDropped on_dropped;
  };
  /// What a look at some alerts gave, but for messages.
  struct Passed {
    std::uint64_t filtered = 0;
    std::uint64_t silenced = 0;
    std::uint64_t grouped = 0;
  };
  struct Failure {
    base::Error error;
    std::chrono::milliseconds pause{0};  ///< until the next try
    bool is_breaker_open = false;
    store::Lag lag;
  };

  explicit RunnerReport(Parts parts);

  void passed(const Passed& passed);
  void delivered(std::uint64_t messages);
  void took(std::chrono::milliseconds time, std::chrono::milliseconds slow);
  void retried();
  void failed(const Failure& failure);
  /// Everything that was sent has been answered for.
  void succeeded();
  void buried(const DeadLetters::Outcome& outcome, std::string_view reason,
              const std::string& path);
  void bury_failed(const base::Error& error);
  void read_failed(const base::Error& error);
  void set_lag(const store::Lag& lag);
  /// About once a second: tells of a failure that lasts.
  void look();
  [[nodiscard]] OutputStatus status() const;
  /// What the peer said last; empty after a success.
  [[nodiscard]] std::string last_error() const;

  /// A failure that lasts so long is told of.
  static constexpr std::chrono::seconds kLasting{5};
  /// Between log lines about the same trouble.
  static constexpr std::chrono::seconds kLogPeriod{60};
  /// So long without a dead letter, and the next one begins a new episode.
  static constexpr std::chrono::minutes kLetterEpisode{10};

 private:
  // Lets the first line of an episode through, then one a period.
  class Limit {
   public:
    [[nodiscard]] bool lets_through(std::int64_t now);
    void reset() { next_ = 0; }

   private:
    std::int64_t next_ = 0;
  };
  void tell(const char* code, const std::string& message) const;
  [[nodiscard]] std::string subject() const;

  Parts parts_;
  // On the output's thread only:
  std::int64_t failing_since_ = 0;  ///< steady; 0: it does not fail
  std::int64_t failing_since_time_ = 0;
  std::uint64_t tries_ = 0;
  bool is_failure_told_ = false;
  bool is_slow_ = false;
  bool is_full_ = false;
  std::int64_t last_letter_ = 0;  ///< steady; 0: there was none
  Limit failure_limit_;
  Limit letter_limit_;
  Limit full_limit_;
  Limit bury_limit_;
  Limit read_limit_;

  mutable base::Mutex mutex_;
  OutputStatus status_ TIERCEL_GUARDED_BY(mutex_);
};

}  // namespace tiercel::output
