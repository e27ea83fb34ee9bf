#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "tiercel/base/log_limit.h"
#include "tiercel/base/snapshot.h"
#include "tiercel/pipeline/evaluate_batch.h"
#include "tiercel/pipeline/internal_alerts.h"
#include "tiercel/pipeline/quarantine.h"
#include "tiercel/source/source.h"
#include "tiercel/store/alert_store.h"
#include "tiercel/watch/apiservers.h"

namespace tiercel::pipeline {

struct PipelineOptions {
  audit::DecodeLimits limits;
  audit::FieldContext context;
  /// An append that has not completed after this is answered 503; the ids of the alerts
  /// make the repeat harmless.
  std::chrono::milliseconds append_timeout{20'000};
  bool redact = true;                  ///< mask credentials in key columns and the quarantine
  watch::Apiservers* watch = nullptr;  ///< is told of each batch; outlives the pipeline
};

/// A batch from its bytes to the acknowledgement: events → matches → alerts → store.
///
/// Runs on: process() on any io thread, several at once; each borrows a Scratch for the
/// synchronous part and holds none while it waits.
class Pipeline {
 public:
  Pipeline(PipelineOptions options, const base::Snapshot<engine::RuleSet>& rules,
           store::AlertStore& store, Quarantine& quarantine, InternalAlerts& alerts,
           base::Metrics& metrics);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// Evaluates the batch, hands its alerts over and waits until they are where they must
  /// be. A batch without alerts waits for nothing.
  boost::asio::awaitable<source::BatchOutcome> process(source::Batch batch);
  /// The same for a source with a thread of its own: returns when it is done. A batch's
  /// positions are stored in one transaction with its alerts; without alerts they are handed to
  /// the store and not waited for, since it keeps the order in which it was given things.
  [[nodiscard]] source::BatchOutcome process_and_wait(const source::Batch& batch);
  /// Quarantines and reports what a source could not make a batch of.
  void take_bad_piece(const source::BadPiece& piece);
  /// What a reload changes, for batches that begin from now on: what static.NAME reads, and whether
  /// credentials are masked in key columns and the quarantine.
  void set_live(std::vector<std::pair<std::string, std::string>> static_fields, bool redact);

  /// Of one batch so many bad items are kept and reported one by one; the rest are counted
  /// and reported together, so that one body cannot flush the quarantine.
  static constexpr std::uint64_t kMostKeptItems = 16;

 private:
  struct Idle {
    std::unique_ptr<Scratch> scratch;
    std::uint64_t generation = 0;  // of what set_live() has told it
  };
  [[nodiscard]] Idle borrow();
  void give_back(Idle idle);
  /// The key that it is known by once it is acknowledged; 0 where nobody asks, and for all
  /// windows of a body but the last.
  std::uint64_t evaluate(const source::Batch& batch, store::RecordBatch& out);
  std::uint64_t observe(const source::Batch& batch, const watch::BatchFacts& facts);
  [[nodiscard]] source::BatchOutcome told(source::BatchOutcome outcome, std::uint64_t key,
                                          std::string_view source);
  /// Counts a batch; once, however often it is handed over.
  void account(const source::Batch& batch, const audit::DecodeCounts& counts,
               std::uint64_t bad_items);
  /// Keeps and reports it; it was counted before.
  void take_bad(const audit::BadInput& bad, std::uint64_t size, std::string_view peer,
                std::string_view source);
  void tell_timeout();
  boost::asio::awaitable<source::BatchOutcome> append(store::RecordBatch records);

  const PipelineOptions options_;
  const base::Snapshot<engine::RuleSet>& rules_;
  store::AlertStore& store_;
  Quarantine& quarantine_;
  InternalAlerts& alerts_;
  base::Metrics& metrics_;
  StreamState stream_;
  base::LogLimit timeout_log_;
  std::atomic<bool> redact_;

  base::Mutex mutex_;
  std::vector<Idle> idle_ TIERCEL_GUARDED_BY(mutex_);
  std::vector<std::pair<std::string, std::string>> static_fields_ TIERCEL_GUARDED_BY(mutex_);
  std::uint64_t generation_ TIERCEL_GUARDED_BY(mutex_) = 0;
};

}  // namespace tiercel::pipeline
