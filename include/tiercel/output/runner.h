#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "tiercel/alert/line_format.h"
#include "tiercel/base/clock.h"
#include "tiercel/base/histogram.h"
#include "tiercel/base/metrics.h"
#include "tiercel/base/priority.h"
#include "tiercel/base/snapshot.h"
#include "tiercel/output/output.h"
#include "tiercel/output/routing.h"
#include "tiercel/store/feed.h"

namespace tiercel::output {

/// How one output's alerts are delivered; the same options for every kind.
struct DeliveryOptions {
  alert::LineFormat format;
  base::Priority minimum_priority = base::Priority::kDebug;
  std::size_t batch_alerts = 100;
  std::size_t batch_bytes = std::size_t{1} << 20U;
  std::chrono::milliseconds batch_wait{0};  ///< for more alerts, from the first one on
  std::chrono::milliseconds retry_min{500};
  std::chrono::milliseconds retry_max{60'000};
  std::uint32_t breaker_failures = 5;               ///< in a row open the circuit breaker; 0: never
  std::chrono::milliseconds breaker_pause{30'000};  ///< then one alert alone is tried
  /// Undelivered alerts older than this (since they were stored) go to the dead letters;
  /// 0: never.
  std::chrono::milliseconds max_age{std::chrono::hours{72}};
  std::chrono::milliseconds slow{2'000};  ///< output_timeout: a longer delivery is logged
  std::string dead_letter_path;           ///< file of this output
  std::uint64_t dead_letter_max_size = std::uint64_t{256} << 20U;
};

/// One output's state, for status and metrics.
struct OutputStatus {
  std::string name;
  std::string kind;
  std::uint64_t delivered = 0;
  std::uint64_t failures = 0;
  std::uint64_t retries = 0;
  std::uint64_t filtered = 0;
  std::uint64_t silenced = 0;
  std::uint64_t grouped = 0;
  std::uint64_t dead_lettered = 0;
  std::uint64_t dropped = 0;
  store::Lag lag;
  store::Position cursor = 0;  ///< up to here alerts are delivered, or given up on purpose
  bool breaker_open = false;
  std::uint64_t open_groups = 0;        ///< that hold alerts no message has told of
  std::uint64_t dead_letter_bytes = 0;  ///< of its file now
  std::uint64_t dead_letter_limit = 0;
  std::uint64_t set_aside_bytes = 0;  ///< of files that a resend set aside and did not deliver
  std::string last_error;             ///< empty after a success
  base::LatencyCounts latency;        ///< from an event's stageTimestamp to its delivery
  // Nanoseconds since the epoch; 0: there is none.
  std::int64_t last_success = 0;
  std::int64_t failing_since = 0;
  std::int64_t next_try = 0;
  std::int64_t delivering_since = 0;  ///< when the delivery in hand began
};

/// Moves one output's alerts from the store to its peer: reads after the cursor, filters by
/// priority, routes and silences, groups, batches, delivers, tries again with exponential
/// back-off and jitter, and advances the cursor only past what was delivered or put among the
/// dead letters. One stuck output holds up nobody else.
///
/// Runs on: a thread of its own; start(), stop(), reopen() from the main thread, status() and
/// look() from any.
class OutputRunner {
 public:
  struct Parts {
    std::string name;
    std::string kind;
    std::unique_ptr<Output> output;
    std::unique_ptr<store::Feed> feed;
    /// Another of the same output, for what must be passed while a delivery blocks; null: then
    /// the store drops it.
    std::unique_ptr<store::Feed> stand_in_feed;
    std::size_t most_messages = 100;
  };
  /// Told of trouble an operator must learn of: output_failed, output_dead_letters,
  /// dead_letters_full, output_recovered. Once an episode. Any thread.
  using OnEvent = std::function<void(const std::string& code, const std::string& message)>;
  /// Told how many alerts were lost because the dead-letter file was full. Any thread.
  using OnDropped = std::function<void(std::uint64_t alerts)>;

  OutputRunner(Parts parts, DeliveryOptions options, const base::Snapshot<Routing>& routing,
               const base::Clock& clock, base::Metrics& metrics, OnEvent on_event,
               OnDropped on_dropped);
  ~OutputRunner();
  OutputRunner(const OutputRunner&) = delete;
  OutputRunner& operator=(const OutputRunner&) = delete;

  /// Opens the output and starts the thread.
  [[nodiscard]] base::Result<void> start();
  /// The output is reopened before its next delivery, at once when it is idle.
  void reopen();
  /// Delivers what it can until the deadline, then ends; what is left stays in the store
  /// behind the cursor. An output that failed before gets one more try and no waiting. At the
  /// deadline the output is interrupted and has a second to return. False where it still
  /// blocks: the process must then end without destroying the feed's store, the clock and
  /// whatever else this was made with.
  [[nodiscard]] bool stop(std::chrono::milliseconds deadline);
  /// Ends as soon as the delivery in hand has, so that another runner can go on behind the same
  /// cursor; what the groups hold is read again by that one. The delivery is interrupted when the
  /// patience is over. False as for stop().
  [[nodiscard]] bool hand_over(std::chrono::milliseconds patience);
  [[nodiscard]] OutputStatus status() const;
  /// To be called about once a second: tells of a delivery that does not end, which the
  /// output's own thread cannot.
  void look();
  /// How lines are written from the next delivery on (a reload). Any thread.
  void set_format(const alert::LineFormat& format);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tiercel::output
