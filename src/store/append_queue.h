#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "tiercel/base/mutex.h"
#include "tiercel/store/alert_store.h"

namespace tiercel::store {

/// One append() on its way into a commit.
struct Pending {
  RecordBatch batch;
  AlertStore::Completion completion;
};

/// What was handed over and is not committed yet, bounded in bytes.
///
/// Runs on: push() and stop() on any thread, take() and done() on the writer thread.
class AppendQueue {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit AppendQueue(std::uint64_t max_bytes) : max_bytes_(max_bytes) {}

  void push(RecordBatch batch, AlertStore::Completion completion);

  struct Refusal {
    AlertStore::Completion completion;
    AppendResult result = AppendResult::kFull;
  };
  struct Work {
    std::vector<Pending> group;  ///< to be stored in one transaction
    std::vector<Refusal> refused;
    std::vector<std::function<void()>> tasks;
    bool is_tick = false;
    bool is_last = false;
  };
  /// Waits for something to do. A batch with alerts is handed out from `next_commit` on, with
  /// everything else that waits; at `next_tick` whatever waits is handed out. After take() comes
  /// done() when the answers have been given.
  [[nodiscard]] Work take(Time next_commit, Time next_tick);
  void done();

  /// Something else that the writer thread is to do, between two commits. Forgotten after finish().
  void ask(std::function<void()> task);

  /// From now on everything is refused with kStopping.
  void close();
  /// Everything handed over before close() has been answered; false when that takes longer.
  [[nodiscard]] bool wait_empty(std::chrono::milliseconds deadline);
  /// take() returns at once, with all that is left and `is_last`.
  void finish();

 private:
  void move_group(Work& work) TIERCEL_REQUIRES(mutex_);

  const std::uint64_t max_bytes_;
  base::Mutex mutex_;
  base::ConditionVariable work_;
  base::ConditionVariable empty_;
  std::deque<Pending> pending_ TIERCEL_GUARDED_BY(mutex_);
  std::vector<std::function<void()>> tasks_ TIERCEL_GUARDED_BY(mutex_);
  std::vector<Refusal> refused_ TIERCEL_GUARDED_BY(mutex_);
  std::uint64_t bytes_ TIERCEL_GUARDED_BY(mutex_) = 0;
  std::size_t urgent_ TIERCEL_GUARDED_BY(mutex_) = 0;  ///< batches that wait for their commit
  bool is_busy_ TIERCEL_GUARDED_BY(mutex_) = false;
  bool is_closed_ TIERCEL_GUARDED_BY(mutex_) = false;
  bool is_finished_ TIERCEL_GUARDED_BY(mutex_) = false;
};

}  // namespace tiercel::store
