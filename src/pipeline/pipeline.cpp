#include "tiercel/pipeline/pipeline.h"

#include <future>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tiercel/alert/redactor.h"
#include "tiercel/base/log.h"
#include "tiercel/base/units.h"

#include "quarantine_metrics.h"

namespace tiercel::pipeline {

namespace asio = boost::asio;

namespace {

// A batch this large leaves memory behind that ordinary ones do not need.
constexpr std::size_t kShrinkAbove = std::size_t{2} << 20U;

source::BatchOutcome outcome_of(store::AppendResult result) {
  switch (result) {
    case store::AppendResult::kStored:
      return source::BatchOutcome::kDone;
    case store::AppendResult::kFull:
    case store::AppendResult::kStopping:
      return source::BatchOutcome::kBusy;
    case store::AppendResult::kFailed:
      break;
  }
  return source::BatchOutcome::kFailed;
}

// What the waiting coroutine and the store's completion share. Touched on the coroutine's
// executor only.
struct Waiting {
  explicit Waiting(const asio::any_io_executor& executor) : timer(executor) {}
  asio::steady_timer timer;
  bool done = false;
  store::AppendResult result = store::AppendResult::kFailed;
};

}  // namespace

Pipeline::Pipeline(PipelineOptions options, const base::Snapshot<engine::RuleSet>& rules,
                   store::AlertStore& store, Quarantine& quarantine, InternalAlerts& alerts,
                   base::Metrics& metrics)
    : options_(std::move(options)),
      rules_(rules),
      store_(store),
      quarantine_(quarantine),
      alerts_(alerts),
      metrics_(metrics),
      redact_(options_.redact),
      static_fields_(options_.context.static_fields) {}

Pipeline::~Pipeline() = default;

Pipeline::Idle Pipeline::borrow() {
  const base::MutexLock lock(mutex_);
  Idle idle;
  if (idle_.empty()) {
    idle.scratch =
        std::make_unique<Scratch>(options_.limits, options_.context, stream_, options_.redact);
  } else {
    idle = std::move(idle_.back());
    idle_.pop_back();
  }
  if (idle.generation != generation_) {
    idle.scratch->set_live(static_fields_, redact_.load());
    idle.generation = generation_;
  }
  return idle;
}

void Pipeline::give_back(Idle idle) {
  const base::MutexLock lock(mutex_);
  idle_.push_back(std::move(idle));
}

void Pipeline::set_live(std::vector<std::pair<std::string, std::string>> static_fields,
                        bool redact) {
  const base::MutexLock lock(mutex_);
  static_fields_ = std::move(static_fields);
  redact_.store(redact);
  ++generation_;
}

// `size` is the whole piece's, of which `bad.bytes` may be the beginning only.
void Pipeline::take_bad(const audit::BadInput& bad, std::uint64_t size, std::string_view peer,
                        std::string_view source) {
  Quarantine::Kept kept;
  if (redact_.load()) {
    // It may not parse, so that what looks like a credential is found by its bytes.
    std::string masked(bad.bytes);
    alert::mask_bytes(masked);
    kept = quarantine_.keep(masked, bad.code);
  } else {
    kept = quarantine_.keep(bad.bytes, bad.code);
  }
  std::string message =
      bad.whole ? "a body could not be evaluated: "
                : "event " + std::to_string(bad.item) + " of a batch could not be evaluated: ";
  message += bad.message;
  InternalAlerts::Fields fields{{"bytes", std::to_string(size)}, {"source", std::string(source)}};
  if (!kept.name.empty()) {
    fields.emplace_back("quarantined_as", kept.name);
  }
  alerts_.raise(bad.code, peer, std::move(message), std::move(fields));
  if (kept.made_room) {
    alerts_.raise("quarantine_full", {},
                  "the quarantine is full; the oldest pieces are removed for new ones", {});
  }
}

void Pipeline::take_bad_piece(const source::BadPiece& piece) {
  metrics_.add(quarantine_metric(piece.input));
  take_bad(piece.input, piece.size, piece.peer, piece.source);
}

std::uint64_t Pipeline::evaluate(const source::Batch& batch, store::RecordBatch& out) {
  Idle idle = borrow();
  std::uint64_t bad_items = 0;
  const audit::DecodeCounts counts =
      idle.scratch->evaluate(batch, rules_.current(), out, [&](const audit::BadInput& bad) {
        if (batch.is_repeat) {
          return;
        }
        metrics_.add(quarantine_metric(bad));
        if (++bad_items <= kMostKeptItems) {
          take_bad(bad, bad.bytes.size(), batch.peer, batch.source);
        }
      });
  std::uint64_t key = 0;
  if (options_.watch != nullptr && !batch.is_repeat) {
    key = observe(batch, idle.scratch->facts());
  }
  if (batch.size > kShrinkAbove) {
    idle.scratch->shrink();
  }
  give_back(std::move(idle));
  if (!batch.is_repeat) {
    account(batch, counts, bad_items);
    metrics_.add(base::Metric::kAlerts, out.records.size());
  }
  return key;
}

// A body that is refused after some of its windows is meant to come again: it is known by its first
// event, and only once its last window is acknowledged. Its windows are one batch.
std::uint64_t Pipeline::observe(const source::Batch& batch, const watch::BatchFacts& facts) {
  source::Windows* const windows = batch.windows;
  if (windows == nullptr) {
    options_.watch->take(facts, batch.source, batch.peer, batch.arrival);
    return facts.first_key;
  }
  if (windows->first_key == 0) {
    windows->first_key = facts.first_key;
    options_.watch->take(facts, batch.source, batch.peer, batch.arrival);
  } else {
    watch::BatchFacts later = facts;
    later.first_key = windows->first_key;
    later.is_continued = true;
    options_.watch->take(later, batch.source, batch.peer, batch.arrival);
  }
  return windows->is_last ? windows->first_key : 0;
}

// What is acknowledged should not come again; everything else is meant to.
source::BatchOutcome Pipeline::told(source::BatchOutcome outcome, std::uint64_t key,
                                    std::string_view source) {
  if (outcome == source::BatchOutcome::kDone && options_.watch != nullptr) {
    options_.watch->acknowledged(key, source);
  }
  return outcome;
}

void Pipeline::account(const source::Batch& batch, const audit::DecodeCounts& counts,
                       std::uint64_t bad_items) {
  if (bad_items > kMostKeptItems) {
    const std::uint64_t more = bad_items - kMostKeptItems;
    alerts_.raise("many_bad_items", batch.peer,
                  std::to_string(more) +
                      " further events of a batch could not be evaluated and were not kept",
                  {{"source", std::string(batch.source)}});
  }
  const bool is_later = batch.windows != nullptr && std::exchange(batch.windows->has_begun, true);
  metrics_.add(base::Metric::kBatches, is_later ? 0 : 1);
  if (counts.events + bad_items != 0) {  // a list without any is somebody's question
    metrics_.set(base::Metric::kLastBatch,
                 static_cast<std::uint64_t>(batch.arrival / 1'000'000'000));
  }
  metrics_.add(base::Metric::kBytes, batch.size);
  metrics_.add(base::Metric::kEvents, counts.events);
  metrics_.add(base::Metric::kRepairedItems, counts.repaired_items);
  metrics_.add(base::Metric::kEventsWithoutTime, counts.without_time);
}

source::BatchOutcome Pipeline::process_and_wait(const source::Batch& batch) {
  store::RecordBatch records;
  const std::uint64_t key = batch.size == 0 ? 0 : evaluate(batch, records);
  for (const source::Position& position : batch.positions) {
    records.positions.push_back({std::string(batch.source), position.key, position.value});
  }
  if (records.empty()) {
    // Nothing to wait for: a position that is lost with the power is read again.
    if (!records.positions.empty()) {
      store_.append(std::move(records), [](store::AppendResult) {});
    }
    return told(source::BatchOutcome::kDone, key, batch.source);
  }
  const auto promise = std::make_shared<std::promise<store::AppendResult>>();
  std::future<store::AppendResult> future = promise->get_future();
  store_.append(std::move(records),
                [promise](store::AppendResult result) { promise->set_value(result); });
  if (future.wait_for(options_.append_timeout) != std::future_status::ready) {
    tell_timeout();
    return source::BatchOutcome::kFailed;
  }
  return told(outcome_of(future.get()), key, batch.source);
}

asio::awaitable<source::BatchOutcome> Pipeline::process(source::Batch batch) {
  store::RecordBatch records;
  const std::uint64_t key = evaluate(batch, records);
  if (records.empty()) {
    co_return told(source::BatchOutcome::kDone, key, batch.source);
  }
  // The body is not needed any more; its memory need not wait for the outputs.
  batch.bytes = {};
  co_return told(co_await append(std::move(records)), key, batch.source);
}

asio::awaitable<source::BatchOutcome> Pipeline::append(store::RecordBatch records) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto waiting = std::make_shared<Waiting>(executor);
  waiting->timer.expires_after(options_.append_timeout);
  store_.append(std::move(records), [waiting, executor](store::AppendResult result) {
    asio::post(executor, [waiting, result] {
      waiting->done = true;
      waiting->result = result;
      waiting->timer.cancel();
    });
  });
  if (!waiting->done) {
    (void)co_await waiting->timer.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  if (!waiting->done) {
    tell_timeout();
    co_return source::BatchOutcome::kFailed;
  }
  co_return outcome_of(waiting->result);
}

// When the disk stalls every batch in flight runs out of time.
void Pipeline::tell_timeout() {
  metrics_.add(base::Metric::kAppendTimeouts);
  if (timeout_log_.lets_through()) {
    base::log_error(
        "alerts were not written within " + base::to_text(options_.append_timeout) +
        "; their batches come again (a webhook's are answered 503). Look at the disk under "
        "store.path");
  }
}

}  // namespace tiercel::pipeline
