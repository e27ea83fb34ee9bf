#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <prometheus/metric_family.h>

#include "tiercel/base/histogram.h"

namespace tiercel::api {

/// What is told beside the rows of base::kMetrics: looked at when it is asked for.
enum class Shown : std::uint8_t {
  kBuildInfo,
  kRuleSetInfo,
  kRules,
  kRuleMatches,
  kOpenConnections,
  kMostConnections,
  kConnectionsOfOnePeer,
  kMostConnectionsOfOnePeer,
  kBytesInFlight,
  kMostBytesInFlight,
  kRequestsInFlight,
  kMostRequestsInFlight,
  kStoreSegments,
  kStoreHeldAlerts,
  kStoreCommitSeconds,
  kStoreFull,
  kStoreUnwritable,
  kReady,
  kStoredLatency,
  kDeliveredLatency,
  kOutputLag,
  kOutputLagSeconds,
  kOutputFailingSeconds,
  kOutputBreakerOpen,
  kOutputOpenGroups,
  kOutputDropped,
  kOutputDeadLetterBytes,
  kOutputDeadLetterLimit,
  kOutputLastSuccess,
  kApiserverSilence,
  kApiserverSilenceExpected,
  kApiserverSilent,
  kApiserverClockAhead,
  kApiserverEvents,
  kApiserverTruncated,
  kApiserverQuarantined,
  kApiserverRepeated,
  kApiserverMetricsUp,
  kApiserverMetricsErrors,
  kApiserverMetricsRejected,
  kCpuSeconds,
  kStartTime,
  kResidentBytes,
  kVirtualBytes,
  kThreads,
  kOpenFiles,
  kMostFiles,
  kCount
};

struct ShownRow {
  Shown what;
  std::string_view name;  ///< in full
  prometheus::MetricType type;
  std::string_view labels;  ///< with a comma between
  std::string_view doc;
};

/// Rows in the order of the enumerators.
extern const std::array<ShownRow, static_cast<std::size_t>(Shown::kCount)> kShown;

/// Families of metrics as they are added, then as text.
///
/// Runs on: one thread.
class MetricsPage {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;

  void add(Shown what, double value, const Labels& labels = {});
  void add(Shown what, const base::LatencyCounts& counts, const Labels& labels = {});
  /// A series of the family of this name, made where it is not there yet.
  void add(const std::string& name, prometheus::MetricType type, std::string_view doc, double value,
           const Labels& labels);
  [[nodiscard]] std::string text() const;

 private:
  prometheus::MetricFamily& family(const std::string& name, prometheus::MetricType type,
                                   std::string_view doc);

  std::vector<prometheus::MetricFamily> families_;
};

/// A row's family, and the labels that its name stands for.
struct SeriesName {
  std::string name;  ///< in full
  std::string_view doc;
  MetricsPage::Labels labels;
};
[[nodiscard]] SeriesName series_name(std::string_view row, std::string_view doc);

}  // namespace tiercel::api
