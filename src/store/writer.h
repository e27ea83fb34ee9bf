#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tiercel/base/agreed_clock.h"
#include "tiercel/base/clock.h"
#include "tiercel/base/metrics.h"
#include "tiercel/store/store.h"

#include "active_segment.h"
#include "append_queue.h"
#include "catalog.h"
#include "checkpointer.h"
#include "duplicates.h"
#include "lock_file.h"
#include "overdue.h"
#include "reserve.h"
#include "retention.h"

namespace tiercel::store {

/// An output is configured no more, and so much had not been delivered to it.
[[nodiscard]] StoreEvent cursor_removed_event(const std::string& output, std::uint64_t undelivered);

/// Stores what was appended: everything that waits in one transaction, at most one in
/// `commit_interval`. Begins segments, sets damaged ones aside, and keeps the limits between
/// commits. Answers and events are given with no lock held.
///
/// Runs on: a thread of its own, from start() on; before that on the thread that opens.
class Writer {
 public:
  struct Parts {
    const StoreOptions& options;
    const SegmentPlace& place;
    Catalog& catalog;
    Overdue& overdue;
    Checkpointer& checkpointer;
    LockFile& lock;
    const base::Clock& clock;
    base::Metrics& metrics;
    const Store::OnEvent& on_event;
  };
  explicit Writer(const Parts& parts);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // While opening.
  /// Every number up to here has been used.
  void set_last_number(std::uint32_t number) { last_number_ = number; }
  /// Goes on writing the newest segment.
  [[nodiscard]] base::Result<void> adopt(std::shared_ptr<Segment> segment);
  /// Begins a segment where none is written; writes all cursors, forgets the outputs named.
  [[nodiscard]] base::Result<void> write_cursors(const std::vector<std::string>& forgotten);
  /// Moves a segment that cannot be read out of the way, and says so.
  void put_aside(const std::string& file, std::uint32_t number, const base::Error& error);
  void start();

  // While running; any thread. They return when it is done, false when that takes longer than
  // the deadline: it is done later then.
  [[nodiscard]] bool change_outputs(std::vector<std::string> added,
                                    std::vector<std::string> removed,
                                    std::chrono::milliseconds deadline);

  [[nodiscard]] const Reserve& reserve() const { return reserve_; }

  [[nodiscard]] AppendQueue& queue() { return queue_; }
  /// Any thread. Since when the thread has not begun a turn, which it does once a tick at least.
  [[nodiscard]] std::chrono::milliseconds stalled_for() const;

 private:
  using Group = std::vector<Pending>;

  void run();
  void work(AppendQueue::Work& work);
  [[nodiscard]] bool ask(std::function<void()> task, std::chrono::milliseconds deadline);
  void forget(const std::string& output);
  void tick();
  void handle_reports();
  void look_at_clock();
  void keep_limits();
  void stop_cleanly();

  // A commit.
  void commit(Group group);
  /// Beyond the store's bound there is a little room for alerts of our own.
  [[nodiscard]] bool has_room(const RecordBatch& batch, std::uint64_t bytes);
  [[nodiscard]] AppendResult store(const std::vector<const Pending*>& group, bool has_cursors);
  /// On a full disk: only what is of our own, in the room that was kept back.
  [[nodiscard]] AppendResult store_own(const std::vector<const Pending*>& group);
  [[nodiscard]] base::Result<void> write(const std::vector<const Pending*>& group);
  [[nodiscard]] base::Result<void> write_alerts(const RecordBatch& batch, std::int64_t now);
  void after_commit(const std::vector<const Pending*>& group,
                    std::chrono::steady_clock::time_point begun);
  [[nodiscard]] AppendResult failed(const base::Error& error);
  [[nodiscard]] std::string full_text() const;
  /// Tells of the end of being full once that lasts.
  void look_at_room();
  void bound_wal(std::uint64_t coming);
  /// Whether the next commit can begin the WAL anew.
  [[nodiscard]] bool empty_wal(std::chrono::milliseconds patience);
  /// A reader holds the WAL, which is as long as it may be.
  void leave_pinned_wal();
  void measure();
  /// Counts the segment's bytes; those of its WAL.
  [[nodiscard]] std::uint64_t measure(Segment& segment);

  // Segments.
  [[nodiscard]] base::Result<void> ensure_active(std::size_t coming);
  [[nodiscard]] base::Result<void> begin_segment();
  void seal_active();
  [[nodiscard]] bool roll();
  [[nodiscard]] bool is_active_there() const;
  /// Mends what made a write fail; false where that is not in our hands.
  [[nodiscard]] bool recover(const base::Error& error);
  void handle_removed();
  /// By value: the one who calls it may hand over what it resets.
  void lose(std::shared_ptr<Segment> segment, const base::Error& error);
  void tell(const StoreEvent& event) const;

  const StoreOptions& options_;
  const SegmentPlace& place_;
  Catalog& catalog_;
  Checkpointer& checkpointer_;
  LockFile& lock_;
  const base::Clock& clock_;
  const base::AgreedClock agreed_;  ///< for ages
  base::Metrics& metrics_;
  const Store::OnEvent& on_event_;
  AppendQueue queue_;
  Duplicates duplicates_;
  Retention retention_;
  const Reserve reserve_;
  std::atomic<std::chrono::steady_clock::time_point> last_turn_{};
  std::thread thread_;

  std::unique_ptr<ActiveSegment> active_;
  std::uint32_t last_number_ = 0;
  std::chrono::steady_clock::time_point last_commit_{};  ///< when it began
  std::vector<std::int64_t> new_times_;                  ///< of the events of its alerts
  std::vector<AlertKey> new_ids_;  ///< of the transaction, for the segment's range
  std::uint64_t inserted_ = 0;     ///< in the transaction
  std::uint64_t duplicate_ = 0;
  std::uint64_t own_bytes_ = 0;   ///< of alerts of our own, beyond the bound
  bool is_in_reserve_ = false;    ///< what is written needs the room that was kept back
  std::uint64_t wal_tried_ = 0;   ///< the WAL's content when it was last to be begun anew
  std::uint64_t wal_waited_ = 0;  ///< its content when readers were last waited for in vain
  std::int64_t active_steady_ = 0;
  std::int64_t wall_ahead_ = 0;  ///< of the steady clock, when last looked at
  bool is_pinned_ = false;       ///< an episode that was told
  bool is_full_ = false;         ///< an episode that was told
  bool has_taken_ = false;       ///< alerts, since it refused some for want of room
  std::int64_t refused_ = 0;     ///< steady, the last time
  bool is_unwritable_ = false;   ///< an episode that was told
};

}  // namespace tiercel::store
