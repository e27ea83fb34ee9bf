#include "metrics_page.h"

#include <algorithm>
#include <limits>

#include <prometheus/text_serializer.h>

#include "tiercel/base/metrics.h"

namespace tiercel::api {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricType;

constexpr std::string_view kPrefix = "tiercel_";
constexpr std::string_view kTotal = "_total";
constexpr std::string_view kNanoseconds = "_nanoseconds_total";
constexpr std::string_view kWho = "source,address,cluster";

ClientMetric with_labels(const MetricsPage::Labels& labels) {
  ClientMetric metric;
  for (const auto& [name, value] : labels) {
    metric.label.push_back({name, value});
  }
  return metric;
}

}  // namespace

const std::array<ShownRow, static_cast<std::size_t>(Shown::kCount)> kShown{{
    {Shown::kBuildInfo, "tiercel_build_info", MetricType::Gauge, "version,falco_version",
     "Always 1; which program this is and as which Falco it answers."},
    {Shown::kRuleSetInfo, "tiercel_rule_set_info", MetricType::Gauge, "hash",
     "Always 1; the hash of the rules in force."},
    {Shown::kRules, "tiercel_rules", MetricType::Gauge, "state",
     "Rules that are loaded, of these the ones in force, and those that `tiercel rules disable` "
     "keeps out of force for a while."},
    {Shown::kRuleMatches, "tiercel_rule_matches_total", MetricType::Counter, "rule,priority",
     "Events that a rule matched since the rules were loaded; beyond 1000 rules, the others "
     "together."},
    {Shown::kOpenConnections, "tiercel_open_connections", MetricType::Gauge, "port",
     "Connections that are open now."},
    {Shown::kMostConnections, "tiercel_open_connections_limit", MetricType::Gauge, "port",
     "How many may be: limits.max_connections (of the admin port 64 at the most); beyond it one is "
     "closed for each new one."},
    {Shown::kConnectionsOfOnePeer, "tiercel_open_connections_per_peer", MetricType::Gauge, "port",
     "Connections of the peer that holds most."},
    {Shown::kMostConnectionsOfOnePeer, "tiercel_open_connections_per_peer_limit", MetricType::Gauge,
     "port",
     "How many those may be: limits.max_connections_per_peer; beyond it one of that peer's is "
     "closed for each new one."},
    {Shown::kBytesInFlight, "tiercel_in_flight_bytes", MetricType::Gauge, "",
     "Bytes of audit batches in hand."},
    {Shown::kMostBytesInFlight, "tiercel_in_flight_limit_bytes", MetricType::Gauge, "",
     "How many may be: limits.max_in_flight; beyond it requests are answered 429."},
    {Shown::kRequestsInFlight, "tiercel_in_flight_requests", MetricType::Gauge, "",
     "Requests with audit batches in hand, those whose body has come."},
    {Shown::kMostRequestsInFlight, "tiercel_in_flight_limit_requests", MetricType::Gauge, "",
     "How many may be: limits.max_requests; beyond it requests are answered 429."},
    {Shown::kStoreSegments, "tiercel_store_segments", MetricType::Gauge, "",
     "Files of the alert store."},
    {Shown::kStoreHeldAlerts, "tiercel_store_held_alerts", MetricType::Gauge, "",
     "Alerts that the store holds, delivered ones included."},
    {Shown::kStoreCommitSeconds, "tiercel_store_last_commit_duration_seconds", MetricType::Gauge,
     "", "How long the last group commit took."},
    {Shown::kStoreFull, "tiercel_store_full", MetricType::Gauge, "",
     "1 while batches that alert are refused for want of room."},
    {Shown::kStoreUnwritable, "tiercel_store_unwritable", MetricType::Gauge, "",
     "1 while batches that alert are refused since the store cannot be written."},
    {Shown::kReady, "tiercel_ready", MetricType::Gauge, "",
     "1 where /readyz answers 200, 0 where it says why not."},
    {Shown::kStoredLatency, "tiercel_alert_stored_latency_seconds", MetricType::Histogram, "",
     "From an event's stageTimestamp to the commit of its alert, alerts about tiercel itself left "
     "out."},
    {Shown::kDeliveredLatency, "tiercel_alert_delivered_latency_seconds", MetricType::Histogram,
     "output,kind",
     "From an event's stageTimestamp to the delivery of its alert, alerts about tiercel itself "
     "left out."},
    {Shown::kOutputLag, "tiercel_output_lag_alerts", MetricType::Gauge, "output,kind",
     "Alerts that wait in the store for an output."},
    {Shown::kOutputLagSeconds, "tiercel_output_lag_seconds", MetricType::Gauge, "output,kind",
     "How long the oldest of them has waited; 0 where there is none."},
    {Shown::kOutputFailingSeconds, "tiercel_output_failing_seconds", MetricType::Gauge,
     "output,kind", "How long an output has not taken alerts; 0 where it does."},
    {Shown::kOutputBreakerOpen, "tiercel_output_breaker_open", MetricType::Gauge, "output,kind",
     "1 while an output's circuit breaker lets one alert at a time try."},
    {Shown::kOutputOpenGroups, "tiercel_output_open_groups", MetricType::Gauge, "output,kind",
     "Groups that hold alerts no message has told of."},
    {Shown::kOutputDropped, "tiercel_output_dropped_total", MetricType::Counter, "output,kind",
     "Alerts lost for an output."},
    {Shown::kOutputDeadLetterBytes, "tiercel_output_dead_letter_bytes", MetricType::Gauge,
     "output,kind", "Size of an output's dead-letter file."},
    {Shown::kOutputDeadLetterLimit, "tiercel_output_dead_letter_limit_bytes", MetricType::Gauge,
     "output,kind", "How large it may grow: dead_letter.max_size."},
    {Shown::kOutputLastSuccess, "tiercel_output_last_success_timestamp_seconds", MetricType::Gauge,
     "output,kind", "When an output last took an alert, in seconds since 1970; 0: not yet."},
    {Shown::kApiserverSilence, "tiercel_apiserver_silence_seconds", MetricType::Gauge, kWho,
     "Time since the last batch of an apiserver, as all of these from its tenth batch on."},
    {Shown::kApiserverSilenceExpected, "tiercel_apiserver_expected_silence_seconds",
     MetricType::Gauge, kWho,
     "How long its silence may be: three times its longest pause of late, watch.silence at the "
     "least; 0 where that is 0, and nothing is expected."},
    {Shown::kApiserverSilent, "tiercel_apiserver_silent", MetricType::Gauge, kWho,
     "1 while an apiserver has been silent for longer than its rhythm explains; else 0."},
    {Shown::kApiserverClockAhead, "tiercel_apiserver_clock_ahead_seconds", MetricType::Gauge, kWho,
     "How long after their arrival its last events are dated; 0 where they are not."},
    {Shown::kApiserverEvents, "tiercel_apiserver_events_total", MetricType::Counter, kWho,
     "Audit events of an apiserver."},
    {Shown::kApiserverTruncated, "tiercel_apiserver_truncated_events_total", MetricType::Counter,
     kWho, "Events that it cut: audit.k8s.io/truncated."},
    {Shown::kApiserverQuarantined, "tiercel_apiserver_quarantined_events_total",
     MetricType::Counter, kWho, "Its events that could not be taken."},
    {Shown::kApiserverRepeated, "tiercel_apiserver_repeated_batches_total", MetricType::Counter,
     kWho, "Its batches that came again although they had been answered 200."},
    {Shown::kApiserverMetricsUp, "tiercel_apiserver_metrics_up", MetricType::Gauge, "url",
     "1 where one of apiserver_metrics.urls could be read the last time, else 0."},
    {Shown::kApiserverMetricsErrors, "tiercel_apiserver_metrics_audit_errors_total",
     MetricType::Counter, "url",
     "Audit errors that it counted since the start, those of its log files left out. What is "
     "missing is known of all together: tiercel_apiserver_missing_events."},
    {Shown::kApiserverMetricsRejected, "tiercel_apiserver_metrics_rejected_requests_total",
     MetricType::Counter, "url",
     "Requests of users that it refused since they could not be audited, since the start."},
    {Shown::kCpuSeconds, "process_cpu_seconds_total", MetricType::Counter, "",
     "CPU time, user and system."},
    {Shown::kStartTime, "process_start_time_seconds", MetricType::Gauge, "",
     "When the process started, in seconds since 1970."},
    {Shown::kResidentBytes, "process_resident_memory_bytes", MetricType::Gauge, "",
     "Resident memory."},
    {Shown::kVirtualBytes, "process_virtual_memory_bytes", MetricType::Gauge, "",
     "Virtual memory."},
    {Shown::kThreads, "process_threads", MetricType::Gauge, "", "Threads."},
    {Shown::kOpenFiles, "process_open_fds", MetricType::Gauge, "", "Open file descriptors."},
    {Shown::kMostFiles, "process_max_fds", MetricType::Gauge, "",
     "How many file descriptors may be open."},
}};

prometheus::MetricFamily& MetricsPage::family(const std::string& name, MetricType type,
                                              std::string_view doc) {
  const auto found = std::find_if(families_.begin(), families_.end(),
                                  [&name](const auto& one) { return one.name == name; });
  if (found != families_.end()) {
    return *found;
  }
  prometheus::MetricFamily& made = families_.emplace_back();
  made.name = name;
  made.help = doc;
  made.type = type;
  return made;
}

void MetricsPage::add(const std::string& name, MetricType type, std::string_view doc, double value,
                      const Labels& labels) {
  ClientMetric metric = with_labels(labels);
  (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  family(name, type, doc).metric.push_back(std::move(metric));
}

void MetricsPage::add(Shown what, double value, const Labels& labels) {
  const ShownRow& row = kShown[static_cast<std::size_t>(what)];
  add(std::string(row.name), row.type, row.doc, value, labels);
}

void MetricsPage::add(Shown what, const base::LatencyCounts& counts, const Labels& labels) {
  const ShownRow& row = kShown[static_cast<std::size_t>(what)];
  ClientMetric metric = with_labels(labels);
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at < counts.counts.size(); ++at) {
    sum += counts.counts[at];
    const bool is_last = at == base::LatencyCounts::kBounds.size();
    metric.histogram.bucket.push_back(
        {sum, is_last ? std::numeric_limits<double>::infinity()
                      : static_cast<double>(base::LatencyCounts::kBounds[at]) / 1e3});
  }
  metric.histogram.sample_count = sum;
  metric.histogram.sample_sum = static_cast<double>(counts.milliseconds) / 1e3;
  family(std::string(row.name), row.type, row.doc).metric.push_back(std::move(metric));
}

std::string MetricsPage::text() const { return prometheus::TextSerializer().Serialize(families_); }

SeriesName series_name(std::string_view row, std::string_view doc) {
  for (const base::MetricFamily& family : base::kMetricFamilies) {
    if (!row.starts_with(family.prefix)) {
      continue;
    }
    std::string_view rest = row.substr(family.prefix.size());
    rest.remove_suffix(rest.ends_with(kTotal) ? kTotal.size() : 0);
    SeriesName out{std::string(kPrefix) + std::string(family.name), family.doc, {}};
    if (!family.labels[1].empty()) {
      const std::size_t end = std::min(rest.find('_'), rest.size());
      out.labels.emplace_back(family.labels[0], rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      out.labels.emplace_back(family.labels[1], rest);
    } else {
      out.labels.emplace_back(family.labels[0], rest);
    }
    return out;
  }
  std::string name = std::string(kPrefix) + std::string(row);
  // A scraper's unit of time is the second.
  if (name.ends_with(kNanoseconds)) {
    name.replace(name.size() - kNanoseconds.size(), kNanoseconds.size(), "_seconds_total");
  }
  return {std::move(name), doc, {}};
}

}  // namespace tiercel::api
