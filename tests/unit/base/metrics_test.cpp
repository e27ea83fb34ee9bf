#include "tiercel/base/metrics.h"

#include <set>

#include <gtest/gtest.h>

namespace tiercel::base {
namespace {

TEST(Metrics, EveryQuantityHasItsRow) {
  std::set<std::string_view> names;
  for (std::size_t at = 0; at < kMetrics.size(); ++at) {
    EXPECT_EQ(static_cast<std::size_t>(kMetrics[at].metric), at);
    EXPECT_TRUE(names.insert(kMetrics[at].name).second) << kMetrics[at].name;
    EXPECT_TRUE(kMetrics[at].doc.ends_with(".")) << kMetrics[at].name;
    // What counts up, or the unit of what goes up and down.
    EXPECT_TRUE(kMetrics[at].name.ends_with("_total") || kMetrics[at].name.ends_with("_bytes") ||
                kMetrics[at].name.ends_with("_files") || kMetrics[at].name.ends_with("_rules") ||
                kMetrics[at].name.ends_with("_apiservers") ||
                kMetrics[at].name.ends_with("_events") || kMetrics[at].name.ends_with("_seconds") ||
                kMetrics[at].name.ends_with("_stale"))  // yes or no
        << kMetrics[at].name;
    EXPECT_EQ(kMetrics[at].name.ends_with("_total"), kMetrics[at].kind == MetricKind::kCounter)
        << kMetrics[at].name << ": its row says whether it is a counter or a gauge";
  }
}

TEST(Metrics, LatenciesFallIntoTheirBuckets) {
  Metrics metrics;
  for (const std::int64_t milliseconds : {-5'000, 0, 5, 6, 3'600'000, 3'600'001}) {
    metrics.stored_after(milliseconds * 1'000'000);
  }
  const LatencyCounts counts = metrics.stored_latency();
  EXPECT_EQ(counts.counts.front(), 3U);
  EXPECT_EQ(counts.counts[1], 1U);
  EXPECT_EQ(counts.counts[counts.counts.size() - 2], 1U);
  EXPECT_EQ(counts.counts.back(), 1U);
  EXPECT_EQ(counts.milliseconds, 7'200'012U);
}

TEST(Metrics, Counts) {
  Metrics metrics;
  metrics.add(Metric::kEvents, 3);
  metrics.add(Metric::kEvents);
  EXPECT_EQ(metrics.value(Metric::kEvents), 4U);
  EXPECT_EQ(metrics.value(Metric::kAlerts), 0U);
}

}  // namespace
}  // namespace tiercel::base
