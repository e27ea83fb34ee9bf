#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tiercel/base/clock.h"
#include "tiercel/base/mutex.h"
#include "tiercel/output/dead_letters.h"
#include "tiercel/store/feed.h"

#include "runner_report.h"
#include "selection.h"

namespace tiercel::output {

/// Why alerts are put among the dead letters for which the store had no room any more.
inline constexpr std::string_view kRoomReason =
    "the store needed the room before the output had taken the alert";

/// The letters of a page's alerts from `next` on up to `until`, but for those that the output
/// would not get; `next` becomes the first that lies behind `until`.
[[nodiscard]] RunnerReport::Passed collect_letters(const store::Page& page, store::Position until,
                                                   const Selection& selection, std::size_t& next,
                                                   std::vector<DeadLetters::Letter>& letters);

/// Passes what the store must have passed where the output's own thread does not: it is held up
/// in a delivery. The alerts go to the dead letters all the same, and the cursor moves past
/// them; the delivery in hand may still succeed, so that they may come twice.
///
/// Runs on: ask() on any thread, which it does not hold up; the work on a thread of its own,
/// that lives while there is some.
class StandIn {
 public:
  struct Parts {
    std::unique_ptr<store::Feed> feed;  ///< its own, of the same output
    DeadLetters& dead_letters;
    base::Mutex& passing;  ///< held by whoever passes, the output's thread or this one
    RunnerReport& report;
    const base::Clock& clock;
  };
  StandIn(Parts parts, Selection selection);
  ~StandIn();
  StandIn(const StandIn&) = delete;
  StandIn& operator=(const StandIn&) = delete;

  /// The store has waited long enough. Does nothing for a second after a failure: the store asks
  /// with each batch that it refuses.
  void ask();
  /// Asked for nothing any more. False: it still works at `until`, and is left alone.
  [[nodiscard]] bool stop(std::chrono::steady_clock::time_point until);

 private:
  void run();
  enum class Pass : std::uint8_t { kMore, kDone, kFailed };
  [[nodiscard]] Pass pass_page();
  [[nodiscard]] bool is_stopping() const;

  const Parts parts_;
  Selection selection_;  // its thread's
  store::Page page_;     // its thread's

  mutable base::Mutex mutex_;
  base::ConditionVariable changed_;
  bool is_busy_ TIERCEL_GUARDED_BY(mutex_) = false;
  bool is_stopping_ TIERCEL_GUARDED_BY(mutex_) = false;
  // In the machine's time: after a failure.
  std::chrono::steady_clock::time_point next_try_ TIERCEL_GUARDED_BY(mutex_){};
  std::thread thread_ TIERCEL_GUARDED_BY(mutex_);
};

}  // namespace tiercel::output
