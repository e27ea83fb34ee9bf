#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/base/agreed_clock.h"
#include "tiercel/base/clock.h"
#include "tiercel/output/dead_letters.h"
#include "tiercel/output/output.h"
#include "tiercel/output/routing.h"
#include "tiercel/output/runner.h"
#include "tiercel/store/feed.h"

#include "backoff.h"
#include "circuit_breaker.h"
#include "runner_batch.h"
#include "runner_control.h"
#include "runner_report.h"
#include "selection.h"

namespace tiercel::output {

/// What an output's thread does: turn by turn it makes room where the store must have some,
/// fills a batch, delivers it or waits for the next try, and advances the cursor.
///
/// INVARIANT: everything up to the cursor was delivered, put among the dead letters, dropped
/// with a count, filtered or silenced.
/// In memory are one page, one batch and the groups, however far the output is behind.
///
/// Runs on: the output's thread.
class RunnerLoop {
 public:
  struct Parts {
    std::string name;
    Output& output;
    store::Feed& feed;
    const base::Snapshot<Routing>& routing;
    const base::Clock& clock;
    RunnerControl& control;
    RunnerReport& report;
    DeadLetters& dead_letters;
    base::Mutex& passing;  ///< held while alerts are passed that the store must have passed
    std::size_t most_messages = 100;
  };

  RunnerLoop(const Parts& parts, const DeliveryOptions& options);
  void run();

  /// The longest pause that a peer may ask for.
  static constexpr std::chrono::milliseconds kMostRetryAfter = std::chrono::hours(1);
  /// The breaker's pause grows up to so many times `retry_max`.
  static constexpr int kBreakerGrowth = 5;

 private:
  using milliseconds = std::chrono::milliseconds;

  // Each turn is short, but for a delivery. False: the thread ends.
  bool turn();
  void look_after_output();
  void begin_stop();
  // False: there was nothing behind what has been read.
  bool fill();
  bool read_page();
  void gather();
  bool wait_for_more(std::int64_t until);
  [[nodiscard]] std::size_t wanted_in_page() const;
  void take_page();
  bool take_alert(const store::StoredAlert& alert, RunnerReport::Passed& passed);
  void take_groups(bool all);
  bool add_groups();
  bool idle();
  bool deliver();
  void handle_failure(const Delivery& delivery, const RunnerBatch::Applied& applied);
  void advance();
  // Returns true when `until` (steady) has come, false when something else wants a turn.
  bool pause_until(std::int64_t until);
  void pause(milliseconds time);
  [[nodiscard]] bool must_pass() const;
  [[nodiscard]] bool page_is_done() const { return next_ >= page_.alerts.size(); }

  // Dead letters (runner_bury.cpp). False: they could not be written; nothing has changed.
  using WithoutRoom = DeadLetters::WithoutRoom;
  bool bury_rejected();
  bool bury_old();
  template <class Is>
  bool bury_items(Is is, std::string_view reason, WithoutRoom without_room);
  bool bury(std::string_view reason, WithoutRoom without_room);
  // What a stand-in put among the dead letters while this thread was held up is done with.
  void skip_passed();
  bool pass_what_must();
  bool pass_in_hand(store::Position until);
  bool pass_page(store::Position until);

  const Parts parts_;
  const DeliveryOptions options_;
  const base::AgreedClock agreed_;  // for ages
  const store::PageLimits limits_;
  Selection selection_;
  std::unique_ptr<Grouper> grouper_;
  Backoff backoff_;
  CircuitBreaker breaker_;
  DeadLetters& dead_letters_;

  store::Page page_;
  std::size_t next_ = 0;    // in the page: the first alert not taken yet
  store::Position read_;    // where the next page begins
  store::Position taken_;   // everything up to here is in hand or done with
  store::Position cursor_;  // as the feed was told, by this thread or the stand-in
  RunnerBatch batch_;
  std::deque<Grouper::Due> due_;  // groups' messages that wait for a place in a batch
  std::vector<DeadLetters::Letter> letters_;
  std::vector<std::size_t> left_;  // of those buried last: the ones without room that stay

  bool is_failing_ = false;
  bool is_retry_ = false;  // the batch has been sent before
  bool is_stop_seen_ = false;
  bool is_last_try_ = false;  // it failed before the stop: one more try and no waiting
  bool was_idle_ = false;
  std::int64_t next_try_ = 0;   // steady
  std::int64_t next_tick_ = 0;  // steady
  std::int64_t next_pass_ = 0;  // steady; later after dead letters could not be written
};

}  // namespace tiercel::output
