#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "tiercel/store/record.h"

#include "segment.h"

namespace tiercel::store {

/// The segment that is written, and the statements that do it.
///
/// Runs on: the writer thread.
class ActiveSegment {
 public:
  [[nodiscard]] static base::Result<std::unique_ptr<ActiveSegment>> open(
      std::shared_ptr<Segment> segment, Database database, const SegmentPlace& place);
  ~ActiveSegment();
  ActiveSegment(const ActiveSegment&) = delete;
  ActiveSegment& operator=(const ActiveSegment&) = delete;

  [[nodiscard]] const std::shared_ptr<Segment>& segment() const { return segment_; }
  /// Rows with those of the open transaction.
  [[nodiscard]] std::uint32_t rows() const { return rows_; }

  [[nodiscard]] base::Result<void> begin();
  /// False where the segment has an alert of this id.
  [[nodiscard]] base::Result<bool> insert(const RecordBatch& batch, const Record& record,
                                          std::int64_t stored);
  [[nodiscard]] base::Result<void> put(const CursorRow& cursor);
  [[nodiscard]] base::Result<void> put(const SourcePosition& position);
  /// Cursors of outputs that are gone.
  [[nodiscard]] base::Result<void> remove_output(const std::string& output);
  [[nodiscard]] base::Result<void> commit();
  void rollback();

  /// Of the database, with what still stands in the WAL only.
  [[nodiscard]] std::uint64_t size();
  /// What the WAL holds since it was last begun anew.
  [[nodiscard]] std::uint64_t wal_content() const;
  [[nodiscard]] base::Result<Database::WalState> checkpoint(Database::Checkpoint kind,
                                                            std::chrono::milliseconds patience);
  /// The WAL stays as it is when this connection closes.
  void leave_wal_on_close() { database_.leave_wal_on_close(); }
  /// For a segment in memory, which is gone with its last connection.
  [[nodiscard]] Database release();

 private:
  ActiveSegment() = default;

  std::shared_ptr<Segment> segment_;
  Database database_;
  Statement begin_;
  Statement commit_;
  Statement insert_;
  Statement put_cursor_;
  Statement remove_cursor_;
  Statement put_position_;
  Statement remove_position_;
  Statement page_count_;
  std::uint32_t rows_ = 0;
  std::uint64_t page_size_ = 0;
  int wal_frames_ = 0;
};

}  // namespace tiercel::store
