#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace tiercel::base {

/// Every quantity the daemon counts: one row each in kMetrics (name, sentence).
/// A reason that can lose something is a counter of its own, so that nothing is
/// lost without a name.
enum class Metric : std::uint8_t {
  kBatches,
  kBytes,
  kEvents,
  kAlerts,
  kQuarantinedBodies,
  kQuarantinedItems,
  kRepairedItems,
  kEventsWithoutTime,
  kQuarantineEvictedFiles,
  kQuarantineWriteErrors,
  kRejectedPath,
  kRejectedMethod,
  kRejectedType,
  kRejectedSize,
  kRejectedHeader,
  kRejectedBusy,
  kRejectedTimeout,
  kRejectedConnections,
  kConnections,
  kOutputWriteErrors,
  kDropsAlertOutput,
  kDropsAlertStop,
  kRulesReloaded,
  kRulesReloadFailed,
  kRulesStale,
  kInternalAlerts,
  kAppendTimeouts,
  kStoreCommits,
  kStoreAlerts,
  kStoreDuplicates,
  kStoreCommitFailures,
  kStoreRefusedFull,
  kStoreDamagedSegments,
  kStoreDeletedSegments,
  kStoreWalBytes,
  kStoreBytes,
  kOutputDelivered,
  kOutputFiltered,
  kOutputSilenced,
  kOutputGrouped,
  kOutputRetries,
  kOutputDeadLettered,
  kOutputDeadLetterErrors,
  kDropsStoreFull,
  kFileSourceLines,
  kFileSourceBytes,
  kFileSourceErrors,
  kFileSourceLost,
  kFileSourceLag,
  kFileSourceWaiting,
  kSocketSourceClosed,
  kEvaluationMeasured,
  kEvaluationNanoseconds,
  kRulesSlow,
  kRulesNoisy,
  kCount
};

struct MetricRow {
  Metric metric;
  std::string_view name;
  std::string_view doc;
};

/// Rows in the order of the enumerators.
extern const std::array<MetricRow, static_cast<std::size_t>(Metric::kCount)> kMetrics;

/// The process's counters. Relaxed atomics; any thread.
class Metrics {
 public:
  void add(Metric metric, std::uint64_t amount = 1) {
    counters_[static_cast<std::size_t>(metric)].fetch_add(amount, std::memory_order_relaxed);
  }
  /// For a row that tells a present state, not a count.
  void set(Metric metric, std::uint64_t value) {
    counters_[static_cast<std::size_t>(metric)].store(value, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t value(Metric metric) const {
    return counters_[static_cast<std::size_t>(metric)].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(Metric::kCount)> counters_{};
};

}  // namespace tiercel::base
