#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "tiercel/base/histogram.h"

namespace tiercel::base {

/// Every quantity the daemon counts: one row each in kMetrics (name,
/// sentence, kind).
/// A reason that can lose something is a counter of its own, so that nothing is
/// lost without a name.
enum class Metric : std::uint8_t {
  kBatches,
  kBytes,
  kLastBatch,
  kEvents,
  kAlerts,
  kQuarantinedBodiesNotJson,
  kQuarantinedBodiesBadGzip,
  kQuarantinedBodiesNotAuditList,
  kQuarantinedBodiesTruncated,
  kQuarantinedBodiesTrailingGarbage,
  kQuarantinedItemsNotJson,
  kQuarantinedItemsWrongKind,
  kQuarantinedItemsTooDeep,
  kQuarantinedItemsTooLarge,
  kQuarantinedItemsTruncated,
  kQuarantinedItemsTrailingGarbage,
  kRepairedItems,
  kEventsWithoutTime,
  kQuarantineEvictedFiles,
  kQuarantineWriteErrors,
  kRejectedAuthentication,
  kRejectedPath,
  kRejectedMethod,
  kRejectedType,
  kRejectedSize,
  kRejectedHeader,
  kRejectedHandshake,
  kRejectedBusy,
  kRejectedTimeout,
  kRejectedConnections,
  kRejectedConnectionsPerPeer,
  kRejectedDescriptors,
  kDrainsCutSize,
  kDrainsCutTime,
  kAdminRefused,
  kConnectionsIdle,
  kConnections,
  kOutputWriteErrors,
  kRulesReloaded,
  kRulesReloadFailed,
  kCredentialsReloaded,
  kCredentialsReloadFailed,
  kCredentialsStale,
  kRulesStale,
  kInternalAlerts,
  kInternalAlertsLost,
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
  kApiservers,
  kApiserversSilent,
  kApiserversClockSkew,
  kApiserversLate,
  kApiserversForgotten,
  kTruncatedEvents,
  kRepeatedBatches,
  kEventDelay,
  kApiserverAuditErrors,
  kApiserverEventsMissing,
  kApiserverScrapeErrors,
  kCount
};

enum class MetricKind : std::uint8_t {
  kCounter,  ///< only rises; its name ends with _total
  kGauge,    ///< a present state
};

struct MetricRow {
  Metric metric;
  std::string_view name;  ///< on /metrics with the prefix tiercel_
  std::string_view doc;
  MetricKind kind = MetricKind::kCounter;
};

/// Rows that are told as one metric with labels: those whose names begin with `prefix`. What
/// follows it, without _total, is the value of the label, or of two with a _ between:
/// drops_store_full_total is drops_total{stage="store",reason="full"}.
struct MetricFamily {
  std::string_view prefix;
  std::string_view name;
  std::string_view doc;                    ///< of all of them; what each counts is told by its row
  std::array<std::string_view, 2> labels;  ///< the second may be empty
};

extern const std::array<MetricFamily, 5> kMetricFamilies;

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

  /// From an event's stageTimestamp to its alert's commit, in nanoseconds.
  void stored_after(std::int64_t nanoseconds) { stored_latency_.add(nanoseconds); }
  [[nodiscard]] LatencyCounts stored_latency() const { return stored_latency_.counts(); }

 private:
  LatencyHistogram stored_latency_;
  std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(Metric::kCount)> counters_{};
};

}  // namespace tiercel::base
