#include "active_segment.h"

#include <utility>

namespace tiercel::store {

namespace {

/// Before each page in the WAL.
constexpr std::uint64_t kFrameHeader = 24;

std::string_view text_of(const AlertKey& id) {
  return {reinterpret_cast<const char*>(id.data()), id.size()};
}

}  // namespace

base::Result<std::unique_ptr<ActiveSegment>> ActiveSegment::open(std::shared_ptr<Segment> segment,
                                                                 Database database,
                                                                 const SegmentPlace& place) {
  std::unique_ptr<ActiveSegment> active(new ActiveSegment());
  active->segment_ = std::move(segment);
  active->database_ = std::move(database);
  active->rows_ = active->segment_->rows;
  if (!place.in_memory()) {
    active->database_.watch_wal(&active->wal_frames_);
    const char* pragma =
        place.sync_commits ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL";
    if (auto set = active->database_.execute(pragma); !set) {
      return set.error();
    }
  }
  auto page_size = active->database_.number("PRAGMA page_size");
  if (!page_size) {
    return page_size.error();
  }
  active->page_size_ = static_cast<std::uint64_t>(*page_size);

  struct Text {
    Statement ActiveSegment::*member;
    std::string_view text;
  };
  constexpr std::string_view kInsert =
      "INSERT INTO alerts VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11) ON CONFLICT(id) DO NOTHING";
  const Text texts[] = {
      {&ActiveSegment::begin_, "BEGIN IMMEDIATE"},
      {&ActiveSegment::commit_, "COMMIT"},
      {&ActiveSegment::insert_, kInsert},
      {&ActiveSegment::put_cursor_, "INSERT OR REPLACE INTO cursors VALUES(?1,?2,?3)"},
      {&ActiveSegment::remove_cursor_, "DELETE FROM cursors WHERE output=?1"},
      {&ActiveSegment::put_position_, "INSERT OR REPLACE INTO positions VALUES(?1,?2,?3)"},
      {&ActiveSegment::remove_position_, "DELETE FROM positions WHERE source=?1 AND key=?2"},
      {&ActiveSegment::page_count_, "PRAGMA page_count"},
  };
  for (const Text& text : texts) {
    auto statement = active->database_.prepare(text.text);
    if (!statement) {
      return statement.error();
    }
    (*active).*text.member = std::move(*statement);
  }
  return active;
}

ActiveSegment::~ActiveSegment() { rollback(); }

base::Result<void> ActiveSegment::begin() {
  if (!begin_.run()) {
    return database_.error("writing to the alert store");
  }
  return {};
}

base::Result<bool> ActiveSegment::insert(const RecordBatch& batch, const Record& record,
                                         std::int64_t stored) {
  insert_.bind(1, std::int64_t{rows_} + 1).bind_blob(2, text_of(record.id)).bind(3, record.time);
  insert_.bind(4, stored).bind(5, record.priority).bind_text(6, record.rule);
  insert_.bind_text(7, record.tags).bind_text(8, batch.key(record.user));
  insert_.bind_text(9, batch.key(record.name_space)).bind_text(10, batch.key(record.cluster));
  insert_.bind_blob(11, batch.line(record));
  if (!insert_.run()) {
    return database_.error("writing to the alert store");
  }
  if (database_.changes() == 0) {
    return false;
  }
  ++rows_;
  return true;
}

base::Result<void> ActiveSegment::put(const CursorRow& cursor) {
  put_cursor_.bind_text(1, cursor.output).bind(2, cursor.segment).bind(3, cursor.row);
  if (!put_cursor_.run()) {
    return database_.error("writing to the alert store");
  }
  return {};
}

base::Result<void> ActiveSegment::put(const SourcePosition& position) {
  Statement& statement = position.value.empty() ? remove_position_ : put_position_;
  statement.bind_text(1, position.source).bind_text(2, position.key);
  if (!position.value.empty()) {
    statement.bind_text(3, position.value);
  }
  if (!statement.run()) {
    return database_.error("writing to the alert store");
  }
  return {};
}

base::Result<void> ActiveSegment::remove_output(const std::string& output) {
  if (!remove_cursor_.bind_text(1, output).run()) {
    return database_.error("writing to the alert store");
  }
  return {};
}

base::Result<void> ActiveSegment::commit() {
  if (!commit_.run()) {
    return database_.error("writing to the alert store");
  }
  return {};
}

void ActiveSegment::rollback() {
  database_.rollback();
  rows_ = segment_->rows;
}

std::uint64_t ActiveSegment::size() {
  std::uint64_t pages = 0;
  if (page_count_.step() == Statement::Step::kRow) {
    pages = static_cast<std::uint64_t>(page_count_.integer(0));
  }
  page_count_.reset();
  return pages * page_size_;
}

std::uint64_t ActiveSegment::wal_content() const {
  return static_cast<std::uint64_t>(wal_frames_) * (page_size_ + kFrameHeader);
}

base::Result<Database::WalState> ActiveSegment::checkpoint(Database::Checkpoint kind,
                                                           std::chrono::milliseconds patience) {
  return database_.checkpoint(kind, patience);
}

Database ActiveSegment::release() {
  rollback();
  for (Statement* statement : {&begin_, &commit_, &insert_, &put_cursor_, &remove_cursor_,
                               &put_position_, &remove_position_, &page_count_}) {
    *statement = Statement();
  }
  return std::move(database_);
}

}  // namespace tiercel::store
