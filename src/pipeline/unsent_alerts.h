#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>

#include "tiercel/base/mutex.h"
#include "tiercel/store/alert_store.h"

namespace tiercel::pipeline {

/// Alerts of our own on their way into the store, in the order in which they were told: the last
/// one that is stored is how things are. One group at a time is handed over, so that none passes
/// one that the store refuses; what comes meanwhile waits, and so does what was refused. Where more
/// waits than kMostBytes, the oldest that tells no state is dropped, and only then the oldest that
/// does.
///
/// Runs on: any thread; thread-safe. Made by make_shared: it outlives its maker, since the store's
/// answers may come later, and hands over what waits when they do. The store outlives both.
class UnsentAlerts : public std::enable_shared_from_this<UnsentAlerts> {
 public:
  explicit UnsentAlerts(store::AlertStore& store) : store_(store) {}

  /// Behind all others; goes with the next send(). `is_state`: tells a trouble that has an end, or
  /// its end. How many were dropped for it.
  [[nodiscard]] std::size_t push(store::RecordBatch batch, bool is_state);
  /// Hands over what waits, unless the store has some in hand: then what waits follows these.
  void send();
  /// So many are not stored: at the end of the process those that are lost.
  [[nodiscard]] std::size_t waiting() const;

  /// Some 1,500 of them: more are told within a minute only where hundreds of peers make trouble.
  static constexpr std::size_t kMostBytes = std::size_t{1} << 20U;
  // Of one group: well below what the store keeps for them when it is full.
  static constexpr std::size_t kMostAtOnce = 64;
  static constexpr std::size_t kMostBytesAtOnce = std::size_t{64} << 10U;

 private:
  struct Waiting {
    store::RecordBatch batch;
    bool is_state = false;
  };
  /// What is to be handed over now.
  [[nodiscard]] std::optional<store::RecordBatch> begin_group();
  // Runs on: a thread of the store, or within its append().
  void end_group(store::AppendResult result);
  [[nodiscard]] std::size_t keep_bound() TIERCEL_REQUIRES(mutex_);
  void drop(std::size_t index) TIERCEL_REQUIRES(mutex_);

  store::AlertStore& store_;
  // Never held while the store is called: it may answer at once.
  mutable base::Mutex mutex_;
  std::deque<Waiting> waiting_ TIERCEL_GUARDED_BY(mutex_);
  std::size_t bytes_ TIERCEL_GUARDED_BY(mutex_) = 0;    ///< of all that wait
  std::size_t in_hand_ TIERCEL_GUARDED_BY(mutex_) = 0;  ///< so many of the first the store has
  bool is_refused_ TIERCEL_GUARDED_BY(mutex_) = false;  ///< the last group was: one is tried then
  bool is_stopped_ TIERCEL_GUARDED_BY(mutex_) = false;  ///< the store takes nothing any more
};

}  // namespace tiercel::pipeline
