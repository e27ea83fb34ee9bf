#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "tiercel/base/mutex.h"

#include "segment.h"

namespace tiercel::store {

/// Moves what was committed from the WAL into the segment, so that the writer need not: when
/// some MiB have gathered, or after a second of quiet. A sealed segment is finished: its WAL
/// becomes empty and it stands alone.
///
/// Runs on: a thread of its own; the public functions on the writer thread.
class Checkpointer {
 public:
  explicit Checkpointer(const SegmentPlace& place) : place_(place) {}
  ~Checkpointer() { stop(); }
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  void start();
  void stop();
  /// The segment that is written from now on; null: none.
  void begin(std::shared_ptr<Segment> segment);
  void finish(std::shared_ptr<Segment> segment);
  /// After a commit: how much the WAL holds.
  void committed(std::uint64_t wal_content);
  /// Held while a checkpoint runs: SQLite refuses a second one instead of waiting.
  [[nodiscard]] base::Mutex& turn() { return turn_; }
  /// Of the WAL's present content, what is in the segment already.
  [[nodiscard]] std::uint64_t moved() const { return moved_; }

 private:
  void run();
  void checkpoint(const std::shared_ptr<Segment>& segment);
  [[nodiscard]] bool finish_one(Segment& segment) const;

  const SegmentPlace& place_;
  std::thread thread_;
  base::Mutex turn_;
  std::atomic<std::uint64_t> content_{0};
  std::atomic<std::uint64_t> moved_{0};

  base::Mutex mutex_;
  base::ConditionVariable wake_;
  std::shared_ptr<Segment> active_ TIERCEL_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<Segment>> sealed_ TIERCEL_GUARDED_BY(mutex_);
  std::chrono::steady_clock::time_point last_commit_ TIERCEL_GUARDED_BY(mutex_){};
  bool is_due_ TIERCEL_GUARDED_BY(mutex_) = false;
  bool is_dirty_ TIERCEL_GUARDED_BY(mutex_) = false;
  bool quit_ TIERCEL_GUARDED_BY(mutex_) = false;

  // Checkpoint thread only.
  std::shared_ptr<Segment> opened_;
  Database database_;
};

}  // namespace tiercel::store
