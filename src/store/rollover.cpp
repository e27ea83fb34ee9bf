#include <algorithm>
#include <utility>

#include "tiercel/base/log.h"

#include "schema.h"
#include "writer.h"

namespace tiercel::store {

namespace {

/// Rows are numbered in 32 bits.
constexpr std::uint64_t kMaxRows = 0xffff0000;

std::string undelivered_text(const Catalog& catalog, const Segment& segment) {
  std::string text;
  for (const std::string& output : catalog.outputs()) {
    const std::uint64_t alerts = catalog.undelivered(output, segment);
    if (alerts != 0) {
      text += (text.empty() ? "" : ", ") + std::to_string(alerts) + " for " + output;
    }
  }
  return text.empty() ? "none" : text;
}

}  // namespace

base::Result<void> Writer::adopt(std::shared_ptr<Segment> segment) {
  auto database = Database::open(segment->file, place_.vfs, Database::Access::kWrite);
  if (!database) {
    return database.error();
  }
  // Readers look for the WAL: one that was restored, or copied by other means, may have none.
  if (auto set = database->use_wal(); !set) {
    return set.error();
  }
  auto active = ActiveSegment::open(segment, std::move(*database), place_);
  if (!active) {
    return active.error();
  }
  active_ = std::move(*active);
  active_steady_ = clock_.steady();
  segment->is_sealed = false;
  segment->stands_alone = false;
  checkpointer_.begin(std::move(segment));
  return {};
}

base::Result<void> Writer::write_cursors(const std::vector<std::string>& forgotten) {
  if (active_ == nullptr) {
    return begin_segment();  // Cursors and positions come with it.
  }
  catalog_.begin_segment(active_->segment()->number);
  const SegmentStart all = catalog_.segment_start(active_->segment()->number, 0);
  auto written = active_->begin();
  for (auto output = forgotten.begin(); written && output != forgotten.end(); ++output) {
    written = active_->remove_output(*output);
  }
  for (auto row = all.cursors.begin(); written && row != all.cursors.end(); ++row) {
    written = active_->put(*row);
  }
  if (written) {
    written = active_->commit();
  }
  if (!written) {
    active_->rollback();
  }
  return written;
}

base::Result<void> Writer::ensure_active(std::size_t coming) {
  if (active_ != nullptr && !is_active_there()) {
    handle_removed();
  }
  if (active_ != nullptr && std::uint64_t{active_->rows()} + coming <= kMaxRows) {
    return {};
  }
  return begin_segment();
}

base::Result<void> Writer::begin_segment() {
  if (!place_.in_memory()) {
    if (auto made = make_folders(options_.path, place_.folder); !made) {
      return made.error();
    }
    if (!lock_.holds()) {
      if (auto locked = lock_.take(place_.folder + "/" + std::string(kLockName)); !locked) {
        return locked.error();
      }
    }
  }
  const SegmentStart start = catalog_.segment_start(last_number_ + 1, clock_.now());
  auto database = make_segment(place_, start);
  if (!database) {
    return database.error();
  }
  last_number_ = start.number;
  auto segment = std::make_shared<Segment>();
  segment->number = start.number;
  segment->file = place_.file(start.number);
  segment->begun = start.begun;
  if (!place_.in_memory()) {
    segment->identity = file_identity(segment->file).value_or(FileIdentity{});
    segment->bytes = segment_bytes(segment->file);
  }
  auto active = ActiveSegment::open(segment, std::move(*database), place_);
  if (!active) {
    return active.error();
  }
  seal_active();
  active_ = std::move(*active);
  active_steady_ = clock_.steady();
  wal_tried_ = 0;
  wal_waited_ = 0;
  catalog_.begin_segment(segment->number);
  catalog_.add(segment);
  if (!place_.in_memory()) {
    checkpointer_.begin(std::move(segment));
    if (!is_in_reserve_) {
      reserve_.keep();
    }
  }
  return {};
}

void Writer::seal_active() {
  if (active_ == nullptr) {
    return;
  }
  const std::shared_ptr<Segment> segment = active_->segment();
  segment->is_sealed = true;
  if (place_.in_memory()) {
    segment->keeper = active_->release();
  } else {
    active_->leave_wal_on_close();
  }
  active_.reset();
  if (!place_.in_memory()) {
    checkpointer_.finish(segment);
  }
}

bool Writer::roll() {
  auto begun = begin_segment();
  if (!begun) {
    // The old one goes on being written; the next commit meets the same and says so.
    base::log_debug("no new segment: " + begun.error().text());
  }
  return begun.has_value();
}

bool Writer::is_active_there() const {
  return place_.in_memory() ||
         file_identity(active_->segment()->file) == active_->segment()->identity;
}

bool Writer::recover(const base::Error& error) {
  if (error.code == fault::kFull) {
    return retention_.free_something();
  }
  if (active_ == nullptr) {
    return false;
  }
  if (!is_active_there()) {
    handle_removed();
    return true;
  }
  if (error.code == fault::kDamaged) {
    lose(active_->segment(), error);
    return true;
  }
  return false;
}

void Writer::handle_removed() {
  std::size_t count = 0;
  std::string undelivered;
  for (const auto& segment : catalog_.segments()) {
    if (file_identity(segment->file) == segment->identity) {
      continue;
    }
    ++count;
    undelivered += (undelivered.empty() ? "" : "; ") + undelivered_text(catalog_, *segment);
    if (active_ != nullptr && active_->segment() == segment) {
      active_->leave_wal_on_close();
      active_.reset();
      checkpointer_.begin(nullptr);
    }
    duplicates_.forget(segment->number);
    catalog_.remove(segment->number);
  }
  tell({"store_removed",
        "somebody removed " + std::to_string(count) + " segments of the alert store in " +
            place_.folder + " while it was in use; a new one is begun. Undelivered alerts lost: " +
            undelivered + ". Stop the daemon before files of the store are moved",
        {{"path", place_.folder},
         {"segments", std::to_string(count)},
         {"undelivered", undelivered}}});
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): the last that keeps it where others let go.
void Writer::lose(std::shared_ptr<Segment> segment, const base::Error& error) {
  const std::string undelivered = undelivered_text(catalog_, *segment);
  if (active_ != nullptr && active_->segment() == segment) {
    active_->leave_wal_on_close();
    active_.reset();
    checkpointer_.begin(nullptr);
  }
  duplicates_.forget(segment->number);
  catalog_.remove(segment->number);
  put_aside(
      segment->file, segment->number,
      {error.code, error.message + ". Undelivered alerts in it: " + undelivered, error.context});
}

void Writer::put_aside(const std::string& file, std::uint32_t number, const base::Error& error) {
  metrics_.add(base::Metric::kStoreDamagedSegments);
  const std::string name = segment_name(number);
  std::string where = file;
  if (!place_.in_memory() && set_aside(place_.folder, name)) {
    where = place_.folder + "/" + std::string(kDamagedPrefix) + name;
  }
  tell({"store_damaged",
        "a segment of the alert store is damaged and was set aside as " + where +
            ", the store goes on without it: " + error.text() + ". Check the disk; `sqlite3 " +
            where + " .recover` may save what it held",
        {{"segment", std::to_string(number)}, {"file", where}}});
}

}  // namespace tiercel::store
