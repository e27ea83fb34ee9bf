#include <algorithm>
#include <iterator>
#include <utility>

#include "tiercel/base/log.h"

#include "disk.h"
#include "writer.h"

namespace tiercel::store {

namespace {

/// What one alert takes beside its bytes: columns, index entry, share of its page.
constexpr std::uint64_t kRowOverhead = 200;
/// The WAL is tried to be begun anew no more often than it grows by this, or this part of its
/// bound.
constexpr std::uint64_t kWalStep = std::uint64_t{2} << 20U;
constexpr std::uint64_t kTries = 32;
/// Readers of ours hold a state for 100 ms at most: for those that were there, and for those that
/// came while these were waited for.
constexpr std::chrono::milliseconds kPatience{250};
/// A store under pressure refuses one batch and takes the next: that it has room again is told
/// once it has refused none for so long.
constexpr std::chrono::seconds kCalm{10};
/// So little left to move that the writer does it itself and the WAL can begin anew.
constexpr std::uint64_t kLittle = std::uint64_t{1} << 20U;

/// What alerts of our own may take beyond the store's bound, until there is room again.
constexpr std::uint64_t kOwnBytes = std::uint64_t{256} << 10U;

std::uint64_t weight(const RecordBatch& batch) {
  return batch.records.empty()
             ? 0
             : batch.bytes.size() + batch.keys.size() + batch.records.size() * kRowOverhead;
}

}  // namespace

void Writer::commit(Group group) {
  std::vector<const Pending*> taken;
  std::vector<AppendResult> results(group.size(), AppendResult::kFull);
  std::uint64_t bytes = 0;
  bool are_others = false;  // alerts that are not of our own
  const std::uint64_t own_before = own_bytes_;
  for (const Pending& pending : group) {
    if (has_room(pending.batch, bytes)) {
      bytes += weight(pending.batch);
      are_others = are_others || (!pending.batch.empty() && !pending.batch.is_own);
      taken.push_back(&pending);
    }
  }
  const bool was_refused = taken.size() != group.size();
  if (was_refused) {
    static_cast<void>(failed({std::string(fault::kFull), full_text(), place_.folder}));
  }
  const bool has_cursors = catalog_.has_cursor_changes();
  if (!taken.empty() || has_cursors) {
    bound_wal(bytes);
    const AppendResult result = store(taken, has_cursors);
    const AppendResult own = result == AppendResult::kFull ? store_own(taken) : result;
    for (const Pending* pending : taken) {
      results[static_cast<std::size_t>(pending - group.data())] =
          pending->batch.is_own ? own : result;
    }
    if (own != AppendResult::kStored) {
      own_bytes_ = own_before;  // they will come again
    }
    if (result == AppendResult::kStored && !was_refused && are_others) {
      own_bytes_ = own_bytes_ == own_before ? 0 : own_bytes_;  // within the bound
      if (is_full_) {
        has_taken_ = true;
        catalog_.set_full(false);
        look_at_room();
      }
    }
  }
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (results[i] == AppendResult::kFull) {
      metrics_.add(base::Metric::kStoreRefusedFull);
    }
    group[i].completion(results[i]);
  }
  keep_limits();
}

bool Writer::has_room(const RecordBatch& batch, std::uint64_t bytes) {
  const std::uint64_t one = weight(batch);
  // What stores no alerts makes no room necessary.
  if (one == 0 || !retention_.refuses(bytes + one)) {
    return true;
  }
  keep_limits();
  if (!retention_.refuses(bytes + one)) {
    return true;
  }
  if (!batch.is_own || own_bytes_ + one > kOwnBytes) {
    return false;
  }
  own_bytes_ += one;
  return true;
}

AppendResult Writer::store_own(const std::vector<const Pending*>& group) {
  std::vector<const Pending*> own;
  std::copy_if(group.begin(), group.end(), std::back_inserter(own),
               [](const Pending* pending) { return pending->batch.is_own; });
  if (own.empty() || !reserve_.release()) {
    return AppendResult::kFull;
  }
  is_in_reserve_ = true;
  const AppendResult result = store(own, false);
  is_in_reserve_ = false;
  reserve_.keep();
  return result;
}

std::string Writer::full_text() const {
  std::string names;
  for (const std::string& output : catalog_.lagging()) {
    names += (names.empty() ? "'" : ", '") + output + "'";
  }
  const std::string limit =
      retention_.is_low() ? "the disk is low" : "the store has reached store.max_size";
  if (!names.empty()) {
    return limit + ", and its oldest alerts wait for output " + names +
           ": mend what lags (tiercel outputs)" +
           (retention_.is_low() ? ", or free disk space" : "");
  }
  return limit + (retention_.is_low() ? ", and nothing can be removed; free disk space" : "");
}

void Writer::look_at_room() {
  if (!is_full_ || !has_taken_ ||
      clock_.steady() - refused_ < std::chrono::nanoseconds(kCalm).count()) {
    return;
  }
  is_full_ = false;
  own_bytes_ = 0;
  reserve_.keep();
  tell({"store_has_room",
        "the alert store in " + place_.folder + " takes alerts again",
        {{"path", place_.folder}}});
}

AppendResult Writer::store(const std::vector<const Pending*>& group, bool has_cursors) {
  std::size_t alerts = 0;
  for (const Pending* pending : group) {
    alerts += pending->batch.records.size();
  }
  if (alerts == 0 && !has_cursors &&
      std::all_of(group.begin(), group.end(),
                  [](const Pending* one) { return one->batch.positions.empty(); })) {
    return AppendResult::kStored;
  }
  last_commit_ = std::chrono::steady_clock::now();
  for (int attempt = 0;; ++attempt) {
    auto written = ensure_active(alerts);
    if (written) {
      written = write(group);
    }
    if (written) {
      after_commit(group, last_commit_);
      return AppendResult::kStored;
    }
    metrics_.add(base::Metric::kStoreCommitFailures);
    if (active_ != nullptr) {
      active_->rollback();
    }
    if (attempt != 0 || !recover(written.error())) {
      return failed(written.error());
    }
  }
}

base::Result<void> Writer::write(const std::vector<const Pending*>& group) {
  new_ids_.clear();
  new_times_.clear();
  inserted_ = 0;
  duplicate_ = 0;
  const std::int64_t now = clock_.now();
  duplicates_.choose(agreed_.now(), std::chrono::nanoseconds(options_.duplicate_window).count());
  const std::vector<CursorRow> cursors = catalog_.take_cursor_changes();
  auto written = active_->begin();
  for (auto pending = group.begin(); written && pending != group.end(); ++pending) {
    written = write_alerts((*pending)->batch, now);
    for (const SourcePosition& position : (*pending)->batch.positions) {
      written = written ? active_->put(position) : written;
    }
  }
  for (auto row = cursors.begin(); written && row != cursors.end(); ++row) {
    written = active_->put(*row);
  }
  if (written) {
    written = active_->commit();
  }
  if (!written) {
    catalog_.put_back_cursors(cursors);
  } else if (inserted_ != 0) {
    active_->segment()->last_stored = now;
  }
  return written;
}

base::Result<void> Writer::write_alerts(const RecordBatch& batch, std::int64_t now) {
  for (const Record& record : batch.records) {
    if (duplicates_.has(record.id)) {
      ++duplicate_;
      continue;
    }
    const auto inserted = active_->insert(batch, record, now);
    if (!inserted) {
      return inserted.error();
    }
    if (*inserted) {
      ++inserted_;
      new_ids_.push_back(record.id);
      if (!batch.is_own) {
        new_times_.push_back(record.time);
      }
    } else {
      ++duplicate_;
    }
  }
  return {};
}

void Writer::after_commit(const std::vector<const Pending*>& group,
                          std::chrono::steady_clock::time_point begun) {
  Segment& segment = *active_->segment();
  for (const AlertKey& id : new_ids_) {
    segment.ids.add(id);
  }
  const std::int64_t now = clock_.now();
  for (const std::int64_t time : new_times_) {
    metrics_.stored_after(now - time);
  }
  std::vector<const SourcePosition*> positions;
  for (const Pending* pending : group) {
    for (const SourcePosition& position : pending->batch.positions) {
      positions.push_back(&position);
    }
  }
  const std::uint64_t wal = measure(segment);
  catalog_.set_wal_bytes(wal);
  if (!place_.in_memory()) {
    checkpointer_.committed(active_->wal_content());
  }
  catalog_.committed(segment, active_->rows(), positions, std::chrono::steady_clock::now() - begun);
  metrics_.add(base::Metric::kStoreCommits);
  metrics_.add(base::Metric::kStoreAlerts, inserted_);
  metrics_.add(base::Metric::kStoreDuplicates, duplicate_);
  metrics_.set(base::Metric::kStoreWalBytes, wal);
  metrics_.set(base::Metric::kStoreBytes, catalog_.bytes());
  if (is_unwritable_) {
    is_unwritable_ = false;
    catalog_.set_unwritable(false);
    base::log_info("the alert store in " + place_.folder + " can be written again");
  }
}

AppendResult Writer::failed(const base::Error& error) {
  catalog_.set_refused(clock_.steady());
  if (error.code == fault::kFull) {
    refused_ = clock_.steady();
    has_taken_ = false;
    catalog_.set_full(true);
    if (!std::exchange(is_full_, true)) {
      tell({"store_full",
            "the alert store takes nothing more, batches with alerts are refused until there is "
            "room: " +
                error.text(),
            {{"path", place_.folder}}});
    }
    return AppendResult::kFull;
  }
  if (!std::exchange(is_unwritable_, true)) {
    catalog_.set_unwritable(true);
    tell({"store_unwritable",
          "the alert store cannot be written, batches with alerts are refused: " + error.text(),
          {{"path", place_.folder}}});
  }
  return AppendResult::kFailed;
}

void Writer::bound_wal(std::uint64_t coming) {
  if (place_.in_memory() || active_ == nullptr) {
    return;
  }
  const std::uint64_t content = active_->wal_content();
  if (content < wal_tried_) {
    wal_tried_ = 0;
    wal_waited_ = 0;
  }
  const std::uint64_t step = std::min(kWalStep, options_.max_wal / kTries);
  const bool is_over = content + coming > options_.max_wal && content > options_.max_wal / 2;
  if (is_over || (content + coming > options_.max_wal - options_.max_wal / 8 &&
                  content >= wal_tried_ + step)) {
    wal_tried_ = content;
    // Readers of our own are short: only at the bound it is waited for them, and not with each
    // commit where no new segment can be begun either.
    const bool may_wait = is_over && (wal_waited_ == 0 || content >= wal_waited_ + step);
    if (!empty_wal({}) && may_wait && !empty_wal(kPatience)) {
      wal_waited_ = content;
      leave_pinned_wal();
    }
    return;
  }
  // The checkpointer has nearly kept up: with the rest moved, the next commit begins the WAL anew.
  const std::uint64_t moved = checkpointer_.moved();
  if (content > options_.max_wal / 2 && content >= wal_tried_ + step &&
      content - std::min(content, moved) < kLittle) {
    wal_tried_ = content;
    static_cast<void>(active_->checkpoint(Database::Checkpoint::kPassive, {}));
  }
}

bool Writer::empty_wal(std::chrono::milliseconds patience) {
  const base::MutexLock turn(checkpointer_.turn());
  const auto state = active_->checkpoint(Database::Checkpoint::kRestart, patience);
  const bool is_empty = state && !state->busy;
  is_pinned_ = is_pinned_ && !is_empty;
  // What else went wrong the commit meets too, and says so.
  return is_empty || !state;
}

void Writer::leave_pinned_wal() {
  if (!is_active_there()) {
    return;
  }
  const std::string file = active_->segment()->file;
  if (!roll() || std::exchange(is_pinned_, true)) {
    return;
  }
  tell({"store_pinned",
        "a program that reads the alert store holds one old state of " + file +
            ": its write-ahead log could not be emptied at " + bytes_text(options_.max_wal) +
            ", so a new segment was begun. Look for a `tiercel alerts`, sqlite3 or other reader "
            "that was stopped, and end it; the log's room is free again then",
        {{"file", file}}});
}

}  // namespace tiercel::store
