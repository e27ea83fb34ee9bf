#include "unsent_alerts.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace tiercel::pipeline {

namespace {

using Owners = std::vector<std::shared_ptr<const void>>;

// What one takes while it waits.
std::size_t cost(const store::RecordBatch& batch) {
  return sizeof(batch) + batch.bytes.size() + batch.keys.size() +
         batch.records.size() * sizeof(store::Record);
}

store::TextRange moved(store::TextRange range, std::size_t by) {
  range.offset += range.length == 0 ? 0U : static_cast<std::uint32_t>(by);
  return range;
}

void add(const store::RecordBatch& one, store::RecordBatch& all) {
  for (store::Record record : one.records) {
    record.offset += all.bytes.size();
    record.user = moved(record.user, all.keys.size());
    record.name_space = moved(record.name_space, all.keys.size());
    record.cluster = moved(record.cluster, all.keys.size());
    all.records.push_back(record);
  }
  all.bytes += one.bytes;
  all.keys += one.keys;
}

}  // namespace

std::size_t UnsentAlerts::push(store::RecordBatch batch, bool is_state) {
  const base::MutexLock lock(mutex_);
  bytes_ += cost(batch);
  waiting_.push_back({std::move(batch), is_state});
  return keep_bound();
}

std::size_t UnsentAlerts::keep_bound() {
  std::size_t dropped = 0;
  while (bytes_ > kMostBytes && waiting_.size() > in_hand_ + 1) {
    const auto first = waiting_.begin() + static_cast<std::ptrdiff_t>(in_hand_);
    const auto found = std::find_if(first, waiting_.end(),
                                    [](const Waiting& waiting) { return !waiting.is_state; });
    drop(static_cast<std::size_t>((found == waiting_.end() ? first : found) - waiting_.begin()));
    ++dropped;
  }
  return dropped;
}

void UnsentAlerts::drop(std::size_t index) {
  const auto found = waiting_.begin() + static_cast<std::ptrdiff_t>(index);
  bytes_ -= cost(found->batch);
  waiting_.erase(found);
}

std::size_t UnsentAlerts::waiting() const {
  const base::MutexLock lock(mutex_);
  return waiting_.size();
}

void UnsentAlerts::send() {
  if (auto group = begin_group()) {
    store_.append(std::move(*group), [self = shared_from_this()](store::AppendResult result) {
      self->end_group(result);
    });
  }
}

std::optional<store::RecordBatch> UnsentAlerts::begin_group() {
  const base::MutexLock lock(mutex_);
  if (in_hand_ != 0 || waiting_.empty() || is_stopped_) {
    return std::nullopt;
  }
  const std::size_t most = is_refused_ ? 1 : kMostAtOnce;
  store::RecordBatch group;
  group.is_own = true;
  const auto owners = std::make_shared<Owners>();
  for (const Waiting& waiting : waiting_) {
    if (in_hand_ == most ||
        (in_hand_ != 0 && group.bytes.size() + waiting.batch.bytes.size() > kMostBytesAtOnce)) {
      break;
    }
    add(waiting.batch, group);
    owners->push_back(waiting.batch.owner);
    ++in_hand_;
  }
  group.owner = owners;
  return group;
}

void UnsentAlerts::end_group(store::AppendResult result) {
  {
    const base::MutexLock lock(mutex_);
    const std::size_t answered = std::exchange(in_hand_, 0);
    is_stopped_ = result == store::AppendResult::kStopping;
    is_refused_ = result != store::AppendResult::kStored;
    if (is_refused_) {
      return;
    }
    for (std::size_t at = 0; at < answered; ++at) {
      drop(0);
    }
  }
  send();
}

}  // namespace tiercel::pipeline
