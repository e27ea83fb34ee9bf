#include "apiserver_series.h"

#include <set>

#include "tiercel/base/one_line.h"

#include "age.h"

namespace tiercel::api {

namespace {

double number(std::uint64_t value) { return static_cast<double>(value); }
double seconds(std::int64_t nanoseconds) { return static_cast<double>(nanoseconds) / kSecond; }

// Events name the cluster: a NUL in it would make a scraper refuse the whole page.
MetricsPage::Labels labels_of(const watch::ApiserverStatus& one) {
  return {{"source", one.source},
          {"address", base::one_line(one.address)},
          {"cluster", base::one_line(one.cluster)}};
}

void add(const watch::ApiserverStatus& one, const MetricsPage::Labels& labels, MetricsPage& page) {
  page.add(Shown::kApiserverSilence, seconds(one.silent_for), labels);
  page.add(Shown::kApiserverSilenceExpected, seconds(one.silence_expected), labels);
  page.add(Shown::kApiserverSilent, one.is_silent ? 1 : 0, labels);
  page.add(Shown::kApiserverClockAhead, seconds(one.clock_ahead), labels);
  page.add(Shown::kApiserverEvents, number(one.events), labels);
  page.add(Shown::kApiserverTruncated, number(one.truncated), labels);
  page.add(Shown::kApiserverQuarantined, number(one.quarantined), labels);
  page.add(Shown::kApiserverRepeated, number(one.repeated_batches), labels);
}

}  // namespace

void add_apiservers(const MetricsInput& input, MetricsPage& page) {
  // Two that differ in characters that no label has: the one heard of last stands for both.
  std::set<MetricsPage::Labels> seen;
  for (const watch::ApiserverStatus& one : input.apiservers) {
    const MetricsPage::Labels labels = labels_of(one);
    if (one.batches >= watch::Apiservers::kKnown && seen.insert(labels).second) {
      add(one, labels, page);
    }
  }
  std::set<std::string> urls;
  for (const watch::ReconcileStatus::Peer& one : input.reconciliation.peers) {
    const std::string url = base::one_line(one.url);
    if (urls.insert(url).second) {
      const MetricsPage::Labels labels{{"url", url}};
      page.add(Shown::kApiserverMetricsUp, one.last_error.empty() ? 1 : 0, labels);
      page.add(Shown::kApiserverMetricsErrors, number(one.errors), labels);
      page.add(Shown::kApiserverMetricsRejected, number(one.rejected_requests), labels);
    }
  }
}

}  // namespace tiercel::api
