#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/base/mutex.h"
#include "tiercel/store/feed.h"
#include "tiercel/store/record.h"
#include "tiercel/store/store.h"

#include "cursors.h"
#include "segment.h"

namespace tiercel::store {

/// What the writer, the feeds and the checkpointer share: which segments there are, how far
/// each output is, how far each source is. Only the writer adds and removes segments.
///
/// Runs on: any thread; thread-safe. Calls nobody and does no I/O while it holds its lock.
class Catalog {
 public:
  using SegmentPointer = std::shared_ptr<Segment>;

  // Segments.
  void add(SegmentPointer segment);
  /// Forgets the segment and what is known of the outputs' progress in it.
  void remove(std::uint32_t number);
  /// In order of their numbers.
  [[nodiscard]] std::vector<SegmentPointer> segments() const;
  /// WAL included.
  [[nodiscard]] std::uint64_t bytes() const;

  // Outputs.
  /// Takes over what was read from the segments; each output then stands before the first
  /// alert that it has not delivered. REQUIRES: before the threads start.
  void start(Cursors cursors, Positions positions);
  /// One more output, which wants nothing of what is committed. On the writer's thread.
  void add_output(const std::string& output);
  /// What had not been delivered to it. On the writer's thread.
  std::uint64_t remove_output(const std::string& output);
  /// Every output wants what is stored in this new segment.
  void begin_segment(std::uint32_t number);
  struct Unread {
    SegmentPointer segment;
    std::uint32_t row = 0;  ///< this one is delivered, the next is not
  };
  /// The first segment that holds something behind `after` for this output.
  [[nodiscard]] std::optional<Unread> unread(std::string_view output, Position after) const;
  [[nodiscard]] Position cursor(std::string_view output) const;
  void advance(std::string_view output, Position delivered);
  /// Stored and not delivered, in one segment.
  [[nodiscard]] std::uint64_t undelivered(std::string_view output, const Segment& segment) const;
  [[nodiscard]] std::uint64_t undelivered(std::string_view output) const;
  [[nodiscard]] bool all_passed(const Segment& segment) const;
  /// Those that have not passed the oldest segment that somebody has not.
  [[nodiscard]] std::vector<std::string> lagging() const;
  [[nodiscard]] std::vector<std::string> outputs() const;

  /// The output must pass the segment; the steady time (ns) when it was first asked to.
  std::int64_t demand(std::string_view output, const Segment& segment, std::int64_t steady);
  void drop_demands();
  [[nodiscard]] std::optional<Position> must_pass(std::string_view output) const;

  /// Until there is something for the output behind `after`, `awake` becomes true (it is reset),
  /// or the time is over.
  void wait(std::string_view output, Position after, std::chrono::milliseconds timeout,
            bool& awake);
  void wake(bool& awake);

  /// The output's reads of the segment fail from now on; until they do no more.
  void cannot_read(std::string_view output, std::uint32_t segment, const base::Error& error);
  void can_read(std::string_view output);
  struct Unreadable {
    base::Error error;
    std::int64_t since = 0;  ///< steady, when it was first asked for
  };
  [[nodiscard]] std::optional<Unreadable> unreadable(std::string_view output,
                                                     const Segment& segment, std::int64_t steady);

  // The writer.
  [[nodiscard]] SegmentStart segment_start(std::uint32_t number, std::int64_t begun) const;
  [[nodiscard]] bool has_cursor_changes() const;
  [[nodiscard]] std::vector<CursorRow> take_cursor_changes();
  void put_back_cursors(const std::vector<CursorRow>& rows);
  /// After a commit: new rows can be read now.
  void committed(Segment& segment, std::uint32_t rows,
                 const std::vector<const SourcePosition*>& positions,
                 std::chrono::nanoseconds duration);
  [[nodiscard]] std::vector<SourcePosition> positions(std::string_view source) const;

  // What readers found: the writer looks into it.
  void report(SegmentPointer segment, base::Error error);
  struct Report {
    SegmentPointer segment;
    base::Error error;
  };
  [[nodiscard]] std::vector<Report> take_reports();

  [[nodiscard]] StoreStatus status() const;
  void set_full(bool is_full);
  void set_unwritable(bool is_unwritable);
  void set_refused(std::int64_t steady);
  void set_dropped(std::int64_t steady);
  void set_wal_bytes(std::uint64_t bytes);

 private:
  struct Demand {
    Position position = 0;
    std::int64_t since = 0;
  };
  struct Failing {
    std::uint32_t segment = 0;
    base::Error error;
    std::optional<std::int64_t> since;
  };
  [[nodiscard]] std::optional<Unread> find_unread(std::string_view output, Position after) const
      TIERCEL_REQUIRES(mutex_);
  [[nodiscard]] Position first_undelivered(std::string_view output) const TIERCEL_REQUIRES(mutex_);

  mutable base::Mutex mutex_;
  base::ConditionVariable stored_;
  std::map<std::uint32_t, SegmentPointer> segments_ TIERCEL_GUARDED_BY(mutex_);
  Cursors cursors_ TIERCEL_GUARDED_BY(mutex_);
  std::map<std::string, Position, std::less<>> places_ TIERCEL_GUARDED_BY(mutex_);
  std::map<std::string, Demand, std::less<>> demands_ TIERCEL_GUARDED_BY(mutex_);
  std::map<std::string, Failing, std::less<>> failing_ TIERCEL_GUARDED_BY(mutex_);
  Positions positions_ TIERCEL_GUARDED_BY(mutex_);
  std::vector<Report> reports_ TIERCEL_GUARDED_BY(mutex_);
  StoreStatus status_ TIERCEL_GUARDED_BY(mutex_);
};

}  // namespace tiercel::store
