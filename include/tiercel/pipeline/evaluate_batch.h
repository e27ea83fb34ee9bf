#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tiercel/audit/decode.h"
#include "tiercel/engine/rule_set.h"
#include "tiercel/source/batch.h"
#include "tiercel/store/record.h"
#include "tiercel/watch/batch_facts.h"

namespace tiercel::pipeline {

/// What all threads share about the stream of events: numbers and the first time.
struct StreamState {
  std::atomic<std::uint64_t> events{0};           ///< evt.num of the last event
  std::atomic<std::int64_t> first_event_time{0};  ///< evt.reltime counts from here
};

/// One thread's memory for evaluating batches, reused from batch to batch.
///
/// Runs on: one thread at a time.
class Scratch {
 public:
  /// `redact`: what has the shape of a credential is masked in the key columns too.
  Scratch(audit::DecodeLimits limits, audit::FieldContext context, StreamState& stream,
          bool redact);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  using OnBad = std::function<void(const audit::BadInput&)>;

  /// Decodes the batch, evaluates each event, renders the alerts of those that match:
  /// `out` gets them in the order of the events. Synchronous; no waiting.
  audit::DecodeCounts evaluate(const source::Batch& batch,
                               const std::shared_ptr<const engine::RuleSet>& rules,
                               store::RecordBatch& out, const OnBad& on_bad);
  /// The same for bytes that lie elsewhere, followed by audit::kPadding readable bytes.
  audit::DecodeCounts evaluate(std::string_view bytes, audit::BatchForm form, std::int64_t arrival,
                               const std::shared_ptr<const engine::RuleSet>& rules,
                               store::RecordBatch& out, const OnBad& on_bad);
  /// What the last batch showed of its apiserver. Valid until the next.
  [[nodiscard]] const watch::BatchFacts& facts() const;
  /// What a reload changes, from the next batch on: what static.NAME reads, and `redact`.
  void set_live(std::vector<std::pair<std::string, std::string>> static_fields, bool redact);
  /// Gives back memory that grew for a large batch.
  void shrink();

 private:
  class Sink;
  std::unique_ptr<Sink> sink_;
  audit::BatchDecoder decoder_;
};

}  // namespace tiercel::pipeline
