#include "append_queue.h"

#include <algorithm>
#include <utility>

namespace tiercel::store {

namespace {

/// Of one transaction: well below the WAL's bound, so that one group cannot pass it.
constexpr std::uint64_t kMaxGroupBytes = std::uint64_t{24} << 20U;

std::uint64_t cost(const RecordBatch& batch) {
  return batch.bytes.size() + batch.keys.size() + batch.records.size() * sizeof(Record) +
         batch.positions.size() * sizeof(SourcePosition);
}

/// Positions alone wait for a commit that happens anyway.
bool is_urgent(const RecordBatch& batch) {
  return !batch.records.empty() || batch.positions.empty();
}

}  // namespace

void AppendQueue::push(RecordBatch batch, AlertStore::Completion completion) {
  const std::uint64_t bytes = cost(batch);
  const base::MutexLock lock(mutex_);
  if (is_closed_) {
    refused_.push_back({std::move(completion), AppendResult::kStopping});
    work_.notify_one();
    return;
  }
  // One batch is always taken, however large.
  if (!pending_.empty() && bytes_ + bytes > max_bytes_) {
    refused_.push_back({std::move(completion), AppendResult::kFull});
    work_.notify_one();
    return;
  }
  const bool urgent = is_urgent(batch);
  bytes_ += bytes;
  urgent_ += urgent ? 1U : 0U;
  pending_.push_back({std::move(batch), std::move(completion)});
  if (urgent && urgent_ == 1) {
    work_.notify_one();
  }
}

void AppendQueue::move_group(Work& work) {
  std::uint64_t bytes = 0;
  while (!pending_.empty()) {
    const std::uint64_t one = cost(pending_.front().batch);
    if (!work.group.empty() && bytes + one > kMaxGroupBytes) {
      break;
    }
    bytes += one;
    bytes_ -= one;
    urgent_ -= is_urgent(pending_.front().batch) ? 1U : 0U;
    work.group.push_back(std::move(pending_.front()));
    pending_.pop_front();
  }
}

AppendQueue::Work AppendQueue::take(Time next_commit, Time next_tick) {
  const base::MutexLock lock(mutex_);
  Work work;
  for (;;) {
    const Time now = std::chrono::steady_clock::now();
    const bool is_commit =
        (urgent_ != 0 && now >= next_commit) || (is_closed_ && !pending_.empty());
    work.is_tick = now >= next_tick;
    if (is_commit || work.is_tick || is_finished_) {
      move_group(work);
    }
    work.is_last = is_finished_ && pending_.empty();
    work.refused = std::exchange(refused_, {});
    work.tasks = std::exchange(tasks_, {});
    if (is_commit || work.is_tick || is_finished_ || !work.refused.empty() || !work.tasks.empty()) {
      is_busy_ = true;
      return work;
    }
    work_.wait_until(mutex_, urgent_ != 0 ? std::min(next_commit, next_tick) : next_tick);
  }
}

void AppendQueue::done() {
  const base::MutexLock lock(mutex_);
  is_busy_ = false;
  if (pending_.empty()) {
    empty_.notify_all();
  }
}

void AppendQueue::ask(std::function<void()> task) {
  const base::MutexLock lock(mutex_);
  tasks_.push_back(std::move(task));
  work_.notify_one();
}

void AppendQueue::close() {
  const base::MutexLock lock(mutex_);
  is_closed_ = true;
  work_.notify_one();
}

bool AppendQueue::wait_empty(std::chrono::milliseconds deadline) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  const base::MutexLock lock(mutex_);
  while (!pending_.empty() || is_busy_) {
    if (empty_.wait_until(mutex_, end) == std::cv_status::timeout) {
      return pending_.empty() && !is_busy_;
    }
  }
  return true;
}

void AppendQueue::finish() {
  const base::MutexLock lock(mutex_);
  is_closed_ = true;
  is_finished_ = true;
  work_.notify_one();
}

}  // namespace tiercel::store
