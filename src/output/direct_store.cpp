#include "tiercel/output/direct_store.h"

#include <utility>

#include "tiercel/base/clock.h"
#include "tiercel/base/log.h"

namespace tiercel::output {

namespace {
constexpr std::int64_t kReportInterval = 1'000'000'000;  // nanoseconds
}  // namespace

DirectStore::DirectStore(std::vector<NamedOutput> outputs, base::Metrics& metrics, Limits limits)
    : outputs_(std::move(outputs)),
      metrics_(metrics),
      limits_(limits),
      last_report_(outputs_.size(), -kReportInterval) {}

DirectStore::~DirectStore() {
  while (!stop(std::chrono::hours{1})) {
  }
}

base::Result<void> DirectStore::start() {
  for (NamedOutput& output : outputs_) {
    if (auto opened = output.output->open(); !opened) {
      return opened;
    }
  }
  thread_ = std::thread([this] { run(); });
  return {};
}

void DirectStore::append(store::RecordBatch batch, Completion completion) {
  auto refusal = store::AppendResult::kStopping;
  {
    const base::MutexLock lock(mutex_);
    const bool full = queue_.size() >= limits_.batches ||
                      (queued_bytes_ + batch.bytes.size() > limits_.bytes && !queue_.empty());
    if (!stopping_ && !full) {
      queued_bytes_ += batch.bytes.size();
      pending_ += batch.records.size();
      queue_.push_back({std::move(batch), std::move(completion)});
      wake_.notify_one();
      return;
    }
    refusal = stopping_ ? store::AppendResult::kStopping : store::AppendResult::kFailed;
  }
  metrics_.add(refusal == store::AppendResult::kStopping ? base::Metric::kDropsAlertStop
                                                         : base::Metric::kDropsAlertOutput,
               batch.records.size());
  completion(refusal);
}

void DirectStore::reopen() {
  const base::MutexLock lock(mutex_);
  reopen_ = true;
  wake_.notify_one();
}

bool DirectStore::stop(std::chrono::milliseconds deadline) {
  const auto until = std::chrono::steady_clock::now() + deadline;
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
    while (thread_.joinable() && !ended_) {
      if (ended_wake_.wait_until(mutex_, until) == std::cv_status::timeout && !ended_) {
        return false;
      }
    }
  }
  if (thread_.joinable()) {
    thread_.join();
  }
  return true;
}

std::uint64_t DirectStore::pending() const {
  const base::MutexLock lock(mutex_);
  return pending_;
}

void DirectStore::run() {
  std::deque<Pending> taken;
  while (true) {
    bool reopen = false;
    {
      const base::MutexLock lock(mutex_);
      while (queue_.empty() && !reopen_ && !stopping_) {
        wake_.wait(mutex_);
      }
      if (queue_.empty() && !reopen_ && stopping_) {
        ended_ = true;
        ended_wake_.notify_all();
        return;
      }
      taken.swap(queue_);
      queued_bytes_ = 0;
      reopen = std::exchange(reopen_, false);
    }
    if (reopen) {
      reopen_outputs();
    }
    write_all(taken);
    taken.clear();
  }
}

void DirectStore::reopen_outputs() {
  for (NamedOutput& output : outputs_) {
    if (auto reopened = output.output->reopen(); !reopened) {
      report(output, reopened.error());
    }
  }
}

void DirectStore::write_all(std::deque<Pending>& taken) {
  if (taken.empty()) {
    return;
  }
  std::vector<std::string_view> chunks;
  chunks.reserve(taken.size());
  std::uint64_t alerts = 0;
  for (const Pending& pending : taken) {
    chunks.emplace_back(pending.batch.bytes);
    alerts += pending.batch.records.size();
  }
  auto result = store::AppendResult::kStored;
  for (NamedOutput& output : outputs_) {
    if (!write(output, chunks)) {
      result = store::AppendResult::kFailed;
    }
  }
  if (result == store::AppendResult::kFailed) {
    metrics_.add(base::Metric::kDropsAlertOutput, alerts);
  }
  {
    const base::MutexLock lock(mutex_);
    pending_ -= alerts;
  }
  for (const Pending& pending : taken) {
    pending.completion(result);
  }
}

bool DirectStore::write(NamedOutput& output, std::span<const std::string_view> chunks) {
  const auto start = std::chrono::steady_clock::now();
  const auto written = output.output->write(chunks);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - start);
  if (took > limits_.slow) {
    base::log_warning("output " + std::string(output.name) + " took " +
                      std::to_string(took.count()) + " ms for one write; batches wait for it");
  }
  if (!written) {
    metrics_.add(base::Metric::kOutputWriteErrors);
    report(output, written.error());
  }
  return !written.has_error();
}

void DirectStore::report(NamedOutput& output, const base::Error& error) {
  const auto index = static_cast<std::size_t>(&output - outputs_.data());
  const std::int64_t now = base::SystemClock().steady();
  if (now - last_report_[index] < kReportInterval) {
    return;
  }
  last_report_[index] = now;
  base::log_error("output " + std::string(output.name) + ": " + error.text());
  if (on_error_) {
    on_error_(output.name, error);
  }
}

}  // namespace tiercel::output
