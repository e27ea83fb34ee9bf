#include <algorithm>
#include <utility>

#include "tiercel/base/log.h"

#include "writer.h"

namespace tiercel::store {

namespace {

/// What one alert takes beside its bytes: columns, index entry, share of its page.
constexpr std::uint64_t kRowOverhead = 200;
/// The WAL is tried to be begun anew no more often than it grows by this.
constexpr std::uint64_t kWalStep = std::uint64_t{4} << 20U;
/// A store under pressure refuses one batch and takes the next: that it has room again is told
/// once it has refused none for so long.
constexpr std::chrono::seconds kCalm{10};
/// So little left to move that the writer does it itself and the WAL can begin anew.
constexpr std::uint64_t kLittle = std::uint64_t{1} << 20U;

std::uint64_t weight(const RecordBatch& batch) {
  return batch.records.empty()
             ? 0
             : batch.bytes.size() + batch.keys.size() + batch.records.size() * kRowOverhead;
}

}  // namespace

void Writer::commit(Group group) {
  std::vector<const Pending*> taken;
  std::vector<AppendResult> results(group.size(), AppendResult::kStored);
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < group.size(); ++i) {
    const std::uint64_t one = weight(group[i].batch);
    // What stores no alerts makes no room necessary.
    if (one != 0 && retention_.refuses(bytes + one)) {
      keep_limits();
      if (retention_.refuses(bytes + one)) {
        results[i] = AppendResult::kFull;
        continue;
      }
    }
    bytes += one;
    taken.push_back(&group[i]);
  }
  const bool was_refused = taken.size() != group.size();
  if (was_refused) {
    static_cast<void>(failed({std::string(fault::kFull), full_text(), place_.folder}));
  }
  const bool has_cursors = catalog_.has_cursor_changes();
  if (!taken.empty() || has_cursors) {
    bound_wal(bytes);
    const AppendResult result = store(taken, has_cursors);
    for (std::size_t i = 0; i < group.size(); ++i) {
      results[i] = results[i] == AppendResult::kStored ? result : results[i];
    }
    if (result == AppendResult::kStored && !was_refused && bytes != 0) {
      has_taken_ = true;
      catalog_.set_full(false);
      look_at_room();
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
  }
  const std::uint64_t step = std::min(kWalStep, options_.max_wal / 4);
  if (content + coming > options_.max_wal - options_.max_wal / 8 && content >= wal_tried_ + step) {
    wal_tried_ = content;
    const base::MutexLock turn(checkpointer_.turn());
    static_cast<void>(active_->checkpoint(Database::Checkpoint::kRestart));
    return;
  }
  // The checkpointer has nearly kept up: with the rest moved, the next commit begins the WAL anew.
  const std::uint64_t moved = checkpointer_.moved();
  if (content > options_.max_wal / 2 && content >= wal_tried_ + step &&
      content - std::min(content, moved) < kLittle) {
    wal_tried_ = content;
    static_cast<void>(active_->checkpoint(Database::Checkpoint::kPassive));
  }
}

}  // namespace tiercel::store
