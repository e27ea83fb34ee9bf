#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tiercel/base/error.h"
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
  std::size_t bytes = 0;
  std::shared_ptr<const std::string> file;
};

/// Evaluates blocks on several threads and gives their results on in the order of the input.
/// Each thread reads a block itself, while no other reads, and evaluates it while its bytes are
/// in its core's cache; whoever has the next result in order hands it on. Bounded: none
/// reads on while the results of too many blocks wait for an earlier one.
///
/// Runs on: run() on one thread, which works as one of them.
class ReplayWorkers {
 public:
  /// The next block, into memory that is used again; false at the end.
  using Next = std::function<base::Result<bool>(InputBlock&)>;
  /// False: no more is wanted.
  using Take = std::function<bool(ReplayResult&)>;

  ReplayWorkers(std::shared_ptr<const engine::RuleSet> rules, audit::FieldContext context,
                audit::DecodeLimits limits);
  ReplayWorkers(const ReplayWorkers&) = delete;
  ReplayWorkers& operator=(const ReplayWorkers&) = delete;

  /// All blocks, until `take` wants no more; `next` and `take` are never called twice at a time.
  /// What was read before an error is evaluated.
  [[nodiscard]] base::Result<void> run(unsigned threads, const Next& next, const Take& take);

 private:
  void work(const Next& next, const Take& take);
  [[nodiscard]] bool read(const Next& next, InputBlock& block, std::uint64_t& number);
  void evaluate(const InputBlock& block, pipeline::Scratch& scratch, ReplayResult& result) const;
  void hand_on(std::uint64_t number, ReplayResult& result, const Take& take);

  // Constant after construction.
  const std::shared_ptr<const engine::RuleSet> rules_;
  const audit::FieldContext context_;
  const audit::DecodeLimits limits_;

  // Its own synchronisation.
  pipeline::StreamState stream_;

  base::Mutex reading_;
  std::uint64_t read_ TIERCEL_GUARDED_BY(reading_) = 0;
  bool has_ended_ TIERCEL_GUARDED_BY(reading_) = false;
  base::Result<void> outcome_ TIERCEL_GUARDED_BY(reading_);

  base::Mutex mutex_;
  base::ConditionVariable handed_on_more_;
  std::uint64_t bound_ TIERCEL_GUARDED_BY(mutex_) = 0;
  std::uint64_t handed_on_ TIERCEL_GUARDED_BY(mutex_) = 0;
  bool is_handing_on_ TIERCEL_GUARDED_BY(mutex_) = false;
  bool is_refused_ TIERCEL_GUARDED_BY(mutex_) = false;  // `take` wants no more
  std::map<std::uint64_t, ReplayResult> waiting_ TIERCEL_GUARDED_BY(mutex_);
};

/// How many threads may evaluate: one where the rules count events (evt.num, evt.reltime),
/// which must then be seen in the order of the input; else `wanted`, 0 for all cores.
[[nodiscard]] unsigned replay_threads(const engine::RuleSet& rules, unsigned wanted);

}  // namespace tiercel::app
