#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tiercel/base/mutex.h"
#include "tiercel/pipeline/evaluate_batch.h"

#include "input.h"

namespace tiercel::app {

/// What evaluating one batch gave.
struct ReplayResult {
  store::RecordBatch alerts;
  audit::DecodeCounts counts;
  std::vector<std::string> reports;  ///< of unreadable events, for standard error
  std::size_t bytes = 0;
};

/// Evaluates batches on several threads and gives their results back in the order in
/// which they were put in. Bounded: put() waits while too many are under way.
///
/// Runs on: put() and finish() on one thread, which also receives the results.
class ReplayWorkers {
 public:
  using Take = std::function<void(ReplayResult&)>;

  ReplayWorkers(unsigned threads, std::shared_ptr<const engine::RuleSet> rules,
                const audit::FieldContext& context, audit::DecodeLimits limits, Take take);
  ~ReplayWorkers();
  ReplayWorkers(const ReplayWorkers&) = delete;
  ReplayWorkers& operator=(const ReplayWorkers&) = delete;

  void put(InputBatch input);
  /// Waits for all results.
  void finish();

 private:
  struct Task {
    std::uint64_t number;
    InputBatch input;
  };
  void work();
  void deliver(std::uint64_t most_under_way);

  // Constant after construction.
  std::shared_ptr<const engine::RuleSet> rules_;
  audit::FieldContext context_;
  audit::DecodeLimits limits_;
  Take take_;
  std::uint64_t bound_;
  pipeline::StreamState stream_;

  // Only on the caller's thread.
  std::uint64_t put_ = 0;
  std::uint64_t delivered_ = 0;

  base::Mutex mutex_;
  base::ConditionVariable task_ready_;
  base::ConditionVariable result_ready_;
  std::deque<Task> tasks_ TIERCEL_GUARDED_BY(mutex_);
  std::map<std::uint64_t, ReplayResult> results_ TIERCEL_GUARDED_BY(mutex_);
  bool stopping_ TIERCEL_GUARDED_BY(mutex_) = false;

  std::vector<std::thread> threads_;
};

}  // namespace tiercel::app
