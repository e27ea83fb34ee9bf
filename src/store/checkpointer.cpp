#include "checkpointer.h"

#include <utility>

#include "tiercel/base/log.h"

namespace tiercel::store {

namespace {

constexpr std::uint64_t kGrowth = std::uint64_t{4} << 20U;
constexpr std::chrono::milliseconds kQuiet{1000};
/// A sealed segment that a reader holds is tried again after this.
constexpr std::chrono::milliseconds kRetry{500};
/// So long its readers are waited for; the segment that is written waits meanwhile.
constexpr std::chrono::milliseconds kPatience{100};
/// A frame of the WAL: a page of 4096 bytes and its header.
constexpr std::uint64_t kFrame = 4096 + 24;

}  // namespace

void Checkpointer::start() {
  thread_ = std::thread([this] { run(); });
}

void Checkpointer::stop() {
  {
    const base::MutexLock lock(mutex_);
    quit_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Checkpointer::begin(std::shared_ptr<Segment> segment) {
  const base::MutexLock lock(mutex_);
  active_ = std::move(segment);
  is_due_ = false;
  is_dirty_ = false;
  content_ = 0;
  moved_ = 0;
  wake_.notify_one();
}

void Checkpointer::finish(std::shared_ptr<Segment> segment) {
  const base::MutexLock lock(mutex_);
  sealed_.push_back(std::move(segment));
  wake_.notify_one();
}

void Checkpointer::committed(std::uint64_t wal_content) {
  const std::uint64_t before = content_.exchange(wal_content);
  if (wal_content < before) {
    moved_ = 0;  // The WAL was begun anew.
  }
  const base::MutexLock lock(mutex_);
  last_commit_ = std::chrono::steady_clock::now();
  const bool was_dirty = std::exchange(is_dirty_, true);
  if (!is_due_ && wal_content > moved_ + kGrowth) {
    is_due_ = true;
    wake_.notify_one();
  } else if (!was_dirty) {
    wake_.notify_one();
  }
}

void Checkpointer::run() {
  for (;;) {
    std::shared_ptr<Segment> active;
    std::vector<std::shared_ptr<Segment>> sealed;
    bool is_due = false;
    {
      const base::MutexLock lock(mutex_);
      const auto now = std::chrono::steady_clock::now();
      const bool is_quiet = is_dirty_ && now >= last_commit_ + kQuiet;
      is_due = active_ != nullptr && (is_due_ || is_quiet);
      if (!quit_ && !is_due && sealed_.empty() && opened_ == active_) {
        if (is_dirty_) {
          wake_.wait_until(mutex_, last_commit_ + kQuiet);
        } else {
          wake_.wait(mutex_);
        }
        continue;
      }
      if (quit_) {
        break;
      }
      active = active_;
      sealed = std::exchange(sealed_, {});
      is_due_ = false;
      is_dirty_ = is_due ? false : is_dirty_;
    }
    if (opened_ != active) {
      database_.close();
      opened_ = active;
    }
    if (is_due) {
      checkpoint(active);
    }
    std::erase_if(sealed, [this](const auto& segment) { return finish_one(*segment); });
    if (!sealed.empty()) {
      const base::MutexLock lock(mutex_);
      sealed_.insert(sealed_.end(), sealed.begin(), sealed.end());
      if (!quit_) {
        wake_.wait_for(mutex_, kRetry);
      }
    }
  }
  database_.close();
}

void Checkpointer::checkpoint(const std::shared_ptr<Segment>& segment) {
  if (!database_) {
    auto database = Database::open(segment->file, place_.vfs, Database::Access::kWrite);
    if (!database) {
      return;  // The writer meets the same at its next commit and says so.
    }
    database_ = std::move(*database);
    // With synchronous=FULL a checkpoint syncs as it must; that is also SQLite's default.
    database_.leave_wal_on_close();
  }
  const base::MutexLock turn(turn_);
  const auto state = database_.checkpoint(Database::Checkpoint::kPassive, {});
  if (state) {
    moved_ = static_cast<std::uint64_t>(state->moved) * kFrame;
  } else {
    base::log_debug(state.error().text());
    database_.close();
  }
}

bool Checkpointer::finish_one(Segment& segment) const {
  if (segment.is_gone) {
    return true;
  }
  auto database = Database::open(segment.file, place_.vfs, Database::Access::kWrite);
  if (!database) {
    return true;  // Whoever reads it reports it.
  }
  const auto state = database->checkpoint(Database::Checkpoint::kTruncate, kPatience);
  if (state && !state->busy) {
    segment.stands_alone = true;
  }
  return !state || !state->busy;
}

}  // namespace tiercel::store
