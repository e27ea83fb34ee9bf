#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tiercel/base/clock.h"
#include "tiercel/base/error.h"
#include "tiercel/base/log.h"
#include "tiercel/base/log_limit.h"
#include "tiercel/base/metrics.h"
#include "tiercel/base/mutex.h"
#include "tiercel/output/dead_letters.h"
#include "tiercel/output/runner.h"

#include "runner_batch.h"

namespace tiercel::output {

/// Counts, logs and tells of what happens at one output. Trouble is told of once an episode,
/// and logged when it begins and then once a minute.
///
/// Runs on: any thread. Logs with no lock held. That the output fails and that it takes alerts
/// again is told in the order in which it was decided, so that the last one is how things are.
/// REQUIRES: `on_event` calls nothing of this but status() and last_error().
class RunnerReport {
 public:
  struct Parts {
    std::string name;
    std::string kind;
    const base::Clock& clock;
    base::Metrics& metrics;
    OutputRunner::OnEvent on_event;
    OutputRunner::OnDropped on_dropped;
    std::chrono::milliseconds slow{2000};  ///< a longer delivery is logged
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
  /// `times` are those of the events, one for each message; kNoEvent where there is none.
  void delivered(std::span<const std::int64_t> times);
  void delivery_begins();
  void delivery_ends();
  void retried();
  void failed(const Failure& failure);
  /// Everything that was sent has been answered for.
  void succeeded();
  /// What the output does about alerts that have no letter.
  enum class Meanwhile : std::uint8_t {
    kGoesOn,
    kWaits,  ///< until they have one, with all that is behind them: the peer is not tried
  };
  void buried(const DeadLetters::Outcome& outcome, std::string_view reason, const std::string& path,
              Meanwhile meanwhile = Meanwhile::kGoesOn);
  void bury_failed(const base::Error& error, Meanwhile meanwhile = Meanwhile::kGoesOn);
  void read_failed(const base::Error& error);
  void set_lag(const store::Feed& feed);
  void set_open_groups(std::uint64_t groups);
  /// About once a second: tells of a failure that lasts, and of a delivery that does not end.
  void look();
  [[nodiscard]] OutputStatus status() const;
  /// What the peer said last; empty after a success.
  [[nodiscard]] std::string last_error() const;

  /// A failure that lasts so long is told of; a delivery too, where it may not last longer.
  static constexpr std::chrono::seconds kLasting{5};
  /// So long without a dead letter, and the next one begins a new episode.
  static constexpr std::chrono::minutes kLetterEpisode{10};

 private:
  // What a change is to be told by, once no lock is held.
  struct Words {
    base::LogLevel level = base::LogLevel::kWarning;
    std::string log;             ///< empty: nothing
    const char* code = nullptr;  ///< of the event; null: none
    std::string message;         ///< the event's
  };
  void say(const Words& words) const;
  static void log(const Words& words);
  void tell(const Words& words) const;
  [[nodiscard]] Words what_lasts() TIERCEL_REQUIRES(telling_);
  [[nodiscard]] Words what_is_over() TIERCEL_REQUIRES(telling_);
  [[nodiscard]] std::string subject() const;
  [[nodiscard]] std::int64_t longest_delivery() const;
  void held_up(std::int64_t now) TIERCEL_REQUIRES(mutex_);
  [[nodiscard]] Words written(const DeadLetters::Outcome& outcome, std::string_view reason,
                              const std::string& path, std::int64_t now) TIERCEL_REQUIRES(mutex_);
  [[nodiscard]] Words without_room(const DeadLetters::Outcome& outcome, const std::string& path,
                                   std::int64_t now) TIERCEL_REQUIRES(mutex_);

  const Parts parts_;

  // From the decision that the output fails, or does no more, until that is told; taken before
  // the other one, under which status() asks.
  base::Mutex telling_;
  mutable base::Mutex mutex_;
  OutputStatus status_ TIERCEL_GUARDED_BY(mutex_);
  // Steady times; 0: it does not.
  std::int64_t failing_since_ TIERCEL_GUARDED_BY(mutex_) = 0;
  std::int64_t unburied_since_ TIERCEL_GUARDED_BY(mutex_) = 0;  ///< its letters cannot be written
  bool is_held_up_ TIERCEL_GUARDED_BY(mutex_) = false;          ///< by letters of its own
  std::int64_t held_up_at_ TIERCEL_GUARDED_BY(mutex_) = 0;      ///< last
  std::int64_t delivering_since_ TIERCEL_GUARDED_BY(mutex_) = 0;
  std::int64_t last_letter_ TIERCEL_GUARDED_BY(mutex_) = 0;
  std::uint64_t lost_ TIERCEL_GUARDED_BY(mutex_) = 0;  ///< alerts, not told of yet
  std::uint64_t tries_ TIERCEL_GUARDED_BY(mutex_) = 0;
  bool is_failure_told_ TIERCEL_GUARDED_BY(mutex_) = false;
  bool is_slow_ TIERCEL_GUARDED_BY(mutex_) = false;     ///< the last delivery was
  bool has_lasted_ TIERCEL_GUARDED_BY(mutex_) = false;  ///< so long that it is told of
  bool is_full_ TIERCEL_GUARDED_BY(mutex_) = false;
  std::string peer_error_ TIERCEL_GUARDED_BY(mutex_);  ///< status_ may hold one of our own
  std::string bury_error_ TIERCEL_GUARDED_BY(mutex_);
  base::LogLimit failure_limit_ TIERCEL_GUARDED_BY(mutex_);
  base::LogLimit slow_limit_ TIERCEL_GUARDED_BY(mutex_);
  base::LogLimit letter_limit_ TIERCEL_GUARDED_BY(mutex_);
  base::LogLimit full_limit_ TIERCEL_GUARDED_BY(mutex_);
  base::LogLimit bury_limit_ TIERCEL_GUARDED_BY(mutex_);
  base::LogLimit read_limit_ TIERCEL_GUARDED_BY(mutex_);
};

}  // namespace tiercel::output
