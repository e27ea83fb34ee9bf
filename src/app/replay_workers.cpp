#include "replay_workers.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "tiercel/base/clock.h"

namespace tiercel::app {

namespace {

constexpr std::uint64_t kUnderWayPerThread = 4;
// Of one block so many reports are kept word for word; all are counted.
constexpr std::size_t kMostReports = 32;

std::string message_of(const audit::BadInput& bad) {
  const std::string item = bad.whole ? "" : "item " + std::to_string(bad.item) + ": ";
  return item + bad.message + " [" + std::string(bad.code) + "]";
}

}  // namespace

ReplayWorkers::ReplayWorkers(unsigned threads, std::shared_ptr<const engine::RuleSet> rules,
                             audit::FieldContext context, audit::DecodeLimits limits, Take take)
    : rules_(std::move(rules)),
      context_(std::move(context)),
      limits_(limits),
      take_(std::move(take)),
      bound_(threads * kUnderWayPerThread) {
  for (unsigned at = 0; at < threads; ++at) {
    threads_.emplace_back([this] { work(); });
  }
  threads_.emplace_back([this] { deliver(); });
}

ReplayWorkers::~ReplayWorkers() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    task_ready_.notify_all();
    result_ready_.notify_all();
  }
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

void ReplayWorkers::put(InputBlock block) {
  const base::MutexLock lock(mutex_);
  while (put_ - delivered_ >= bound_) {
    delivered_more_.wait(mutex_);
  }
  tasks_.push_back({put_++, std::move(block)});
  task_ready_.notify_one();
}

void ReplayWorkers::finish() {
  const base::MutexLock lock(mutex_);
  while (delivered_ != put_) {
    delivered_more_.wait(mutex_);
  }
}

// Hands on the results in order, each as soon as those before it are.
void ReplayWorkers::deliver() {
  std::uint64_t number = 0;
  while (true) {
    ReplayResult result;
    {
      const base::MutexLock lock(mutex_);
      while (!results_.contains(number) && !stopping_) {
        result_ready_.wait(mutex_);
      }
      const auto next = results_.find(number);
      if (next == results_.end()) {
        return;
      }
      result = std::move(next->second);
      results_.erase(next);
    }
    take_(result);
    ++number;
    const base::MutexLock lock(mutex_);
    delivered_ = number;
    delivered_more_.notify_one();
  }
}

ReplayResult ReplayWorkers::evaluate(const InputBlock& block, pipeline::Scratch& scratch) const {
  ReplayResult result;
  result.bytes = block.size;
  result.file = block.file;
  const std::int64_t arrival = base::SystemClock().now();
  const pipeline::Scratch::OnBad on_bad = [&result](const audit::BadInput& bad) {
    if (result.unreadable.size() < kMostReports) {
      result.unreadable.push_back({result.lines, message_of(bad)});
    } else {
      result.unreadable.push_back({result.lines, {}});
    }
  };
  const std::uint64_t lines = for_each_body(block, [&](std::uint64_t line, std::string_view body) {
    result.lines = line;
    result.counts +=
        scratch.evaluate(body, audit::BatchForm::kBody, arrival, rules_, result.alerts, on_bad);
  });
  result.lines = lines;
  return result;
}

void ReplayWorkers::work() {
  // The key columns are the store's alone.
  pipeline::Scratch scratch(limits_, context_, stream_, false);
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
    ReplayResult result = evaluate(task.block, scratch);
    const base::MutexLock lock(mutex_);
    results_.emplace(task.number, std::move(result));
    result_ready_.notify_one();
  }
}

unsigned replay_threads(const engine::RuleSet& rules, unsigned wanted) {
  const audit::FieldSet& fields = rules.fields();
  for (std::size_t at = 0; at < fields.size(); ++at) {
    const std::string_view name = fields[static_cast<audit::FieldId>(at)].field->name;
    if (name == "evt.num" || name.starts_with("evt.reltime")) {
      return 1;
    }
  }
  return std::max(1U, wanted != 0 ? wanted : std::thread::hardware_concurrency());
}

}  // namespace tiercel::app
