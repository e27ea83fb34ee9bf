#include <algorithm>
#include <array>
#include <set>

#include "tiercel/api/metrics.h"
#include "tiercel/api/reports.h"

#include "age.h"
#include "apiserver_series.h"
#include "metrics_page.h"
#include "process_figures.h"

namespace tiercel::api {

namespace {

using prometheus::MetricType;

/// Rows of which each output has its own figure: told by output, not as the sum.
struct OutputCounter {
  base::Metric metric;
  std::uint64_t output::OutputStatus::*figure;
};
constexpr std::array<OutputCounter, 7> kOutputCounters{{
    {base::Metric::kOutputDelivered, &output::OutputStatus::delivered},
    {base::Metric::kOutputWriteErrors, &output::OutputStatus::failures},
    {base::Metric::kOutputRetries, &output::OutputStatus::retries},
    {base::Metric::kOutputFiltered, &output::OutputStatus::filtered},
    {base::Metric::kOutputSilenced, &output::OutputStatus::silenced},
    {base::Metric::kOutputGrouped, &output::OutputStatus::grouped},
    {base::Metric::kOutputDeadLettered, &output::OutputStatus::dead_lettered},
}};

const OutputCounter* find_output_counter(base::Metric metric) {
  const auto* const found =
      std::find_if(kOutputCounters.begin(), kOutputCounters.end(),
                   [metric](const OutputCounter& one) { return one.metric == metric; });
  return found == kOutputCounters.end() ? nullptr : found;
}

MetricType type_of(const base::MetricRow& row) {
  return row.kind == base::MetricKind::kCounter ? MetricType::Counter : MetricType::Gauge;
}

double number(std::uint64_t value) { return static_cast<double>(value); }

MetricsPage::Labels labels_of(const output::OutputStatus& output) {
  return {{"output", output.name}, {"kind", output.kind}};
}

void add_counters(const MetricsInput& input, MetricsPage& page) {
  for (const base::MetricRow& row : base::kMetrics) {
    const SeriesName series = series_name(row.name, row.doc);
    if (const OutputCounter* const counter = find_output_counter(row.metric)) {
      for (const output::OutputStatus& output : input.outputs) {
        page.add(series.name, type_of(row), series.doc, number(output.*counter->figure),
                 labels_of(output));
      }
      continue;
    }
    const bool is_time = row.name.ends_with("_nanoseconds_total");
    page.add(series.name, type_of(row), series.doc,
             number(input.metrics.value(row.metric)) / (is_time ? kSecond : 1), series.labels);
  }
}

void add_rules(const MetricsInput& input, MetricsPage& page) {
  const engine::RuleSet& rules = input.rules;
  page.add(Shown::kBuildInfo, 1, {{"version", TIERCEL_VERSION}, {"falco_version", kFalcoVersion}});
  page.add(Shown::kRuleSetInfo, 1, {{"hash", rules.hash()}});
  page.add(Shown::kRules, number(rules.loaded().size()), {{"state", "loaded"}});
  page.add(Shown::kRules, number(rules.rules().size()), {{"state", "in_force"}});
  page.add(Shown::kRules, number(input.disabled_rules), {{"state", "disabled"}});
  std::uint64_t others = 0;
  for (std::size_t at = 0; at < rules.rules().size(); ++at) {
    const std::uint64_t matches = rules.costs().matches(at);
    if (at >= kMostRuleSeries) {
      others += matches;
      continue;
    }
    const rules::ResolvedRule& rule = rules.rules()[at].source;
    page.add(Shown::kRuleMatches, number(matches),
             {{"rule", rule.name}, {"priority", std::string(base::to_text(rule.priority))}});
  }
  if (rules.rules().size() > kMostRuleSeries) {
    page.add(Shown::kRuleMatches, number(others), {{"rule", "(others)"}, {"priority", ""}});
  }
}

void add_store(const MetricsInput& input, MetricsPage& page) {
  const store::StoreStatus& store = input.store;
  for (const PortConnections& one : input.connections) {
    const MetricsPage::Labels port{{"port", one.port}};
    page.add(Shown::kOpenConnections, number(one.open), port);
    page.add(Shown::kMostConnections, number(one.limit), port);
    page.add(Shown::kConnectionsOfOnePeer, number(one.most_of_one_peer), port);
    page.add(Shown::kMostConnectionsOfOnePeer, number(one.limit_per_peer), port);
  }
  page.add(Shown::kBytesInFlight, number(input.in_flight.bytes));
  page.add(Shown::kMostBytesInFlight, number(input.in_flight.most_bytes));
  page.add(Shown::kRequestsInFlight, number(input.in_flight.requests));
  page.add(Shown::kMostRequestsInFlight, number(input.in_flight.most_requests));
  page.add(Shown::kStoreSegments, number(store.segments));
  page.add(Shown::kStoreHeldAlerts, number(store.alerts));
  page.add(Shown::kStoreCommitSeconds, static_cast<double>(store.last_commit.count()) / kSecond);
  page.add(Shown::kStoreFull, store.is_full ? 1 : 0);
  page.add(Shown::kStoreUnwritable, store.is_unwritable ? 1 : 0);
  page.add(Shown::kReady, input.is_ready ? 1 : 0);
  page.add(Shown::kStoredLatency, input.metrics.stored_latency());
}

void add_outputs(const MetricsInput& input, MetricsPage& page) {
  const auto age = [&input](std::int64_t then) {
    return seconds_since(then, input.now).value_or(0);
  };
  for (const output::OutputStatus& one : input.outputs) {
    const MetricsPage::Labels labels = labels_of(one);
    page.add(Shown::kDeliveredLatency, one.latency, labels);
    page.add(Shown::kOutputLag, number(one.lag.alerts), labels);
    page.add(Shown::kOutputLagSeconds, age(one.lag.oldest), labels);
    page.add(Shown::kOutputFailingSeconds, age(one.failing_since), labels);
    page.add(Shown::kOutputBreakerOpen, one.breaker_open ? 1 : 0, labels);
    page.add(Shown::kOutputOpenGroups, number(one.open_groups), labels);
    page.add(Shown::kOutputDropped, number(one.dropped), labels);
    page.add(Shown::kOutputDeadLetterBytes, number(one.dead_letter_bytes), labels);
    page.add(Shown::kOutputDeadLetterLimit, number(one.dead_letter_limit), labels);
    page.add(Shown::kOutputLastSuccess, static_cast<double>(one.last_success) / kSecond, labels);
  }
}

void add_process(MetricsPage& page) {
  const ProcessFigures process = process_figures();
  page.add(Shown::kCpuSeconds, process.cpu_seconds);
  page.add(Shown::kStartTime, process.start_time);
  page.add(Shown::kResidentBytes, number(process.resident_bytes));
  page.add(Shown::kVirtualBytes, number(process.virtual_bytes));
  page.add(Shown::kThreads, number(process.threads));
  page.add(Shown::kOpenFiles, number(process.open_files));
  page.add(Shown::kMostFiles, number(process.most_files));
}

std::string row_of(const std::string& name, std::string_view type, std::string_view labels,
                   std::string_view doc) {
  return "| `" + name + "` | " + std::string(type) + " | " + std::string(labels) + " | " +
         std::string(doc) + " |\n";
}

// What the rows count that are told as one metric, by their labels.
std::string reasons_reference() {
  std::string out = "\n| by its labels | what |\n|---|---|\n";
  for (const base::MetricRow& row : base::kMetrics) {
    const SeriesName series = series_name(row.name, row.doc);
    std::string labels;
    for (const auto& [name, value] : series.labels) {
      labels.append(labels.empty() ? "" : ",").append(name).append("=\"").append(value) += '"';
    }
    if (!labels.empty()) {
      out.append("| `").append(series.name).append("{").append(labels).append("}` | ");
      out.append(row.doc).append(" |\n");
    }
  }
  return out;
}

std::string_view word_of(MetricType type) {
  return type == MetricType::Counter ? "counter"
         : type == MetricType::Gauge ? "gauge"
                                     : "histogram";
}

}  // namespace

std::string metrics_text(const MetricsInput& input) {
  MetricsPage page;
  add_counters(input, page);
  add_rules(input, page);
  add_store(input, page);
  add_outputs(input, page);
  add_apiservers(input, page);
  add_process(page);
  return page.text();
}

std::string metrics_reference() {
  std::string out = "| metric | type | labels | what |\n|---|---|---|---|\n";
  std::set<std::string> seen;
  for (const base::MetricRow& row : base::kMetrics) {
    const SeriesName series = series_name(row.name, row.doc);
    std::string labels = find_output_counter(row.metric) != nullptr ? "output, kind" : "";
    for (const auto& [name, value] : series.labels) {
      labels += (labels.empty() ? "" : ", ") + name;
    }
    if (seen.insert(series.name).second) {
      out += row_of(series.name, word_of(type_of(row)), labels, series.doc);
    }
  }
  for (const ShownRow& row : kShown) {
    std::string labels(row.labels);
    for (std::size_t at = 0; (at = labels.find(',', at)) != std::string::npos; at += 2) {
      labels.insert(at + 1, " ");
    }
    out += row_of(std::string(row.name), word_of(row.type), labels, row.doc);
  }
  return out + reasons_reference();
}

}  // namespace tiercel::api
