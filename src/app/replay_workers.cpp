#include "replay_workers.h"

#include <utility>

namespace tiercel::app {

namespace {

constexpr std::uint64_t kUnderWayPerThread = 4;

std::string report(const InputBatch& input, const audit::BadInput& bad) {
  std::string text = input.file;
  if (input.line != 0) {
    text += ":" + std::to_string(input.line + bad.item);
  } else if (!bad.whole) {
    text += ": item " + std::to_string(bad.item);
  }
  return text + ": " + bad.message + " [" + std::string(bad.code) + "]";
}

}  // namespace

ReplayWorkers::ReplayWorkers(unsigned threads, std::shared_ptr<const engine::RuleSet> rules,
                             const audit::FieldContext& context, audit::DecodeLimits limits,
                             Take take)
    : rules_(std::move(rules)),
      context_(context),
      limits_(limits),
      take_(std::move(take)),
      bound_(threads * kUnderWayPerThread) {
  for (unsigned at = 0; at < threads; ++at) {
    threads_.emplace_back([this] { work(); });
  }
}

ReplayWorkers::~ReplayWorkers() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    task_ready_.notify_all();
  }
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

void ReplayWorkers::put(InputBatch input) {
  deliver(bound_ - 1);
  const base::MutexLock lock(mutex_);
  tasks_.push_back({put_++, std::move(input)});
  task_ready_.notify_one();
}

void ReplayWorkers::finish() { deliver(0); }

// Hands on results in order until at most this many batches are under way.
void ReplayWorkers::deliver(std::uint64_t most_under_way) {
  while (true) {
    ReplayResult result;
    {
      const base::MutexLock lock(mutex_);
      while (put_ - delivered_ > most_under_way && !results_.contains(delivered_)) {
        result_ready_.wait(mutex_);
      }
      const auto next = results_.find(delivered_);
      if (next == results_.end()) {
        return;
      }
      result = std::move(next->second);
      results_.erase(next);
    }
    ++delivered_;
    take_(result);
  }
}

void ReplayWorkers::work() {
  pipeline::Scratch scratch(limits_, context_, stream_);
  while (true) {
    Task task;
    {
      const base::MutexLock lock(mutex_);
      while (tasks_.empty() && !stopping_) {
        task_ready_.wait(mutex_);
      }
      if (tasks_.empty()) {
        return;
      }
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    ReplayResult result;
    result.bytes = task.input.batch.size;
    result.counts = scratch.evaluate(
        task.input.batch, rules_, result.alerts,
        [&](const audit::BadInput& bad) { result.reports.push_back(report(task.input, bad)); });
    const base::MutexLock lock(mutex_);
    results_.emplace(task.number, std::move(result));
    result_ready_.notify_one();
  }
}

}  // namespace tiercel::app
