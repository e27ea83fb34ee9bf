#pragma once

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

/// An event or body that could not be read.
struct Unreadable {
  std::uint64_t line = 0;  ///< within the block, from 1; 0: the block is one body
  std::string message;
};

/// What evaluating one block gave.
struct ReplayResult {
  store::RecordBatch alerts;
  audit::DecodeCounts counts;
  std::vector<Unreadable> unreadable;
  std::uint64_t lines = 0;
  std::size_t bytes = 0;
  std::shared_ptr<const std::string> file;
};

/// Evaluates blocks on several threads and gives their results back in the order in which
/// they were put in. Bounded: put() waits while too many are under way.
///
/// Runs on: put() and finish() on one thread; results are given on a thread of its own.
/// REQUIRES: finish() before destruction.
class ReplayWorkers {
 public:
  using Take = std::function<void(ReplayResult&)>;

  ReplayWorkers(unsigned threads, std::shared_ptr<const engine::RuleSet> rules,
                audit::FieldContext context, audit::DecodeLimits limits, Take take);
  ~ReplayWorkers();
  ReplayWorkers(const ReplayWorkers&) = delete;
  ReplayWorkers& operator=(const ReplayWorkers&) = delete;

  void put(InputBlock block);
  /// Waits for all results.
  void finish();

 private:
  struct Task {
    std::uint64_t number = 0;
    InputBlock block;
  };
  void work();
  [[nodiscard]] ReplayResult evaluate(const InputBlock& block, pipeline::Scratch& scratch) const;
  void deliver();

  // Constant after construction.
  const std::shared_ptr<const engine::RuleSet> rules_;
  const audit::FieldContext context_;
  const audit::DecodeLimits limits_;
  const Take take_;
  const std::uint64_t bound_;

  // Its own synchronisation.
  pipeline::StreamState stream_;

  base::Mutex mutex_;
  base::ConditionVariable task_ready_;
  base::ConditionVariable result_ready_;
  base::ConditionVariable delivered_more_;
  std::uint64_t put_ TIERCEL_GUARDED_BY(mutex_) = 0;
  std::uint64_t delivered_ TIERCEL_GUARDED_BY(mutex_) = 0;
  std::deque<Task> tasks_ TIERCEL_GUARDED_BY(mutex_);
  std::map<std::uint64_t, ReplayResult> results_ TIERCEL_GUARDED_BY(mutex_);
  bool stopping_ TIERCEL_GUARDED_BY(mutex_) = false;

  std::vector<std::thread> threads_;
};

/// How many threads may evaluate: one where the rules count events (evt.num, evt.reltime),
/// which must then be seen in the order of the input; else `wanted`, 0 for all cores.
[[nodiscard]] unsigned replay_threads(const engine::RuleSet& rules, unsigned wanted);

}  // namespace tiercel::app
