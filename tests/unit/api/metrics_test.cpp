#include "tiercel/api/metrics.h"

#include <cmath>

#include <gtest/gtest.h>

#include "cost_support.h"
#include "exposition.h"
#include "metrics_page.h"

namespace tiercel::api {
namespace {

using support::read_exposition;
using support::Scrape;

constexpr std::int64_t kSecond = 1'000'000'000;

std::string text_of(const base::Metrics& metrics, const engine::RuleSet& rules,
                    const std::vector<output::OutputStatus>& outputs,
                    std::vector<watch::ApiserverStatus> apiservers = {},
                    watch::ReconcileStatus reconciliation = {}) {
  store::StoreStatus store;
  store.bytes = 1;
  store.last_commit = std::chrono::milliseconds(5);
  return metrics_text({.metrics = metrics,
                       .rules = rules,
                       .store = store,
                       .outputs = outputs,
                       .connections = {{"audit", 2, 4096, 1, 1024}},
                       .in_flight = {4096, 8192, 3, 5},
                       .apiservers = std::move(apiservers),
                       .reconciliation = std::move(reconciliation),
                       .is_ready = true,
                       .now = 100 * kSecond});
}

std::string all_of(const Scrape& scrape) {
  std::string out;
  for (const std::string& mistake : scrape.mistakes) {
    out += mistake + "\n";
  }
  return out;
}

TEST(MetricsText, IsWhatAStrictReaderTakes) {
  base::Metrics metrics;
  metrics.add(base::Metric::kEvents, 7);
  metrics.add(base::Metric::kRejectedSize, 3);
  metrics.add(base::Metric::kDropsStoreFull, 2);
  metrics.add(base::Metric::kQuarantinedItemsTooDeep, 4);
  metrics.add(base::Metric::kEvaluationNanoseconds, 1'500'000'000);
  metrics.stored_after(30'000'000);
  const auto rules =
      tests::load_cost_rules(tests::cost_rule("Odd \\\"name\\\" \\\\ here", "ka.verb = get"));
  output::OutputStatus output;
  output.name = "pager";
  output.kind = "http";
  output.delivered = 11;
  output.failures = 5;
  output.lag = {12, 87 * kSecond};
  output.latency.add(2 * kSecond);
  const Scrape scrape = read_exposition(text_of(metrics, *rules, {output}));
  EXPECT_EQ(all_of(scrape), "");
  const std::map<std::string, std::string> pager{{"output", "pager"}, {"kind", "http"}};
  EXPECT_EQ(scrape.value("tiercel_events_total"), 7);
  EXPECT_EQ(scrape.value("tiercel_rejected_total", {{"reason", "size"}}), 3);
  EXPECT_EQ(scrape.value("tiercel_quarantined_items_total", {{"reason", "too_deep"}}), 4);
  EXPECT_EQ(scrape.value("tiercel_drops_total", {{"stage", "store"}, {"reason", "full"}}), 2);
  EXPECT_EQ(scrape.value("tiercel_evaluation_measured_seconds_total"), 1.5);
  EXPECT_EQ(scrape.value("tiercel_output_delivered_total", pager), 11);
  EXPECT_TRUE(std::isnan(scrape.value("tiercel_output_delivered_total"))) << "the sum beside";
  EXPECT_EQ(scrape.value("tiercel_output_write_errors_total", pager), 5);
  EXPECT_EQ(scrape.value("tiercel_output_lag_alerts", pager), 12);
  EXPECT_EQ(scrape.value("tiercel_output_lag_seconds", pager), 13);
  EXPECT_EQ(scrape.value("tiercel_alert_stored_latency_seconds_bucket", {{"le", "0.05"}}), 1);
  EXPECT_EQ(scrape.value("tiercel_alert_stored_latency_seconds_bucket", {{"le", "0.025"}}), 0);
  EXPECT_EQ(scrape.value("tiercel_alert_delivered_latency_seconds_sum", pager), 2);
  EXPECT_EQ(scrape.value("tiercel_open_connections", {{"port", "audit"}}), 2);
  EXPECT_EQ(scrape.value("tiercel_open_connections_limit", {{"port", "audit"}}), 4096);
  EXPECT_EQ(scrape.value("tiercel_open_connections_per_peer", {{"port", "audit"}}), 1);
  EXPECT_EQ(scrape.value("tiercel_open_connections_per_peer_limit", {{"port", "audit"}}), 1024);
  EXPECT_EQ(scrape.value("tiercel_in_flight_bytes"), 4096);
  EXPECT_EQ(scrape.value("tiercel_in_flight_limit_bytes"), 8192);
  EXPECT_EQ(scrape.value("tiercel_in_flight_requests"), 3);
  EXPECT_EQ(scrape.value("tiercel_in_flight_limit_requests"), 5);
  EXPECT_EQ(scrape.value("tiercel_ready"), 1);
  const auto& matches = scrape.families.at("tiercel_rule_matches_total").samples;
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(matches.front().labels.at("rule"), rules->rules()[0].source.name);
}

TEST(MetricsText, TellsOfTheProcess) {
  const auto rules = tests::load_cost_rules(tests::cost_rule("One", "ka.verb = get"));
  const Scrape scrape = read_exposition(text_of({}, *rules, {}));
  EXPECT_GT(scrape.value("process_cpu_seconds_total"), 0);
  EXPECT_GT(scrape.value("process_resident_memory_bytes"), 1'000'000);
  EXPECT_GE(scrape.value("process_virtual_memory_bytes"),
            scrape.value("process_resident_memory_bytes"));
  EXPECT_GE(scrape.value("process_threads"), 1);
  EXPECT_GE(scrape.value("process_open_fds"), 3);
  EXPECT_GT(scrape.value("process_max_fds"), scrape.value("process_open_fds"));
  const double age =
      static_cast<double>(std::time(nullptr)) - scrape.value("process_start_time_seconds");
  EXPECT_GT(age, -5);
  EXPECT_LT(age, 600);
}

TEST(MetricsText, BoundsTheSeriesOfRules) {
  std::string text;
  for (std::size_t at = 0; at < kMostRuleSeries + 5; ++at) {
    text += tests::cost_rule("Rule " + std::to_string(at), "ka.verb = get");
  }
  const auto rules = tests::load_cost_rules(text);
  ASSERT_EQ(rules->rules().size(), kMostRuleSeries + 5);
  const Scrape scrape = read_exposition(text_of({}, *rules, {}));
  EXPECT_EQ(all_of(scrape), "");
  EXPECT_EQ(scrape.families.at("tiercel_rule_matches_total").samples.size(), kMostRuleSeries + 1);
}

watch::ApiserverStatus apiserver(const std::string& address, const std::string& cluster) {
  watch::ApiserverStatus one;
  one.address = address;
  one.cluster = cluster;
  one.source = "webhook";
  one.batches = watch::Apiservers::kKnown;
  return one;
}

watch::ReconcileStatus one_peer() {
  watch::ReconcileStatus status;
  status.peers.push_back({.url = "https://10.0.0.1:6443/metrics", .last_error = {}, .last = {}});
  return status;
}

TEST(MetricsText, TellsOfEachApiserver) {
  watch::ApiserverStatus one = apiserver("10.0.0.1", "east");
  one.silent_for = 400 * kSecond;
  one.silence_expected = 300 * kSecond;
  one.is_silent = true;
  one.clock_ahead = 2 * kSecond;
  one.events = 7;
  one.truncated = 6;
  one.quarantined = 5;
  one.repeated_batches = 4;
  watch::ReconcileStatus reconciliation = one_peer();
  reconciliation.peers.front().errors = 3;
  reconciliation.peers.front().rejected_requests = 2;
  reconciliation.peers.push_back({.url = "http://b", .last_error = "refused", .last = {}});
  const auto rules = tests::load_cost_rules(tests::cost_rule("One", "ka.verb = get"));
  const Scrape scrape = read_exposition(
      text_of({}, *rules, {}, {one, apiserver("10.0.0.2", "")}, std::move(reconciliation)));
  EXPECT_EQ(all_of(scrape), "");
  const auto value = [&scrape](const std::string& name, const std::string& address,
                               const std::string& cluster) {
    return scrape.value("tiercel_apiserver_" + name,
                        {{"source", "webhook"}, {"address", address}, {"cluster", cluster}});
  };
  EXPECT_EQ(value("silence_seconds", "10.0.0.1", "east"), 400);
  EXPECT_EQ(value("expected_silence_seconds", "10.0.0.1", "east"), 300);
  EXPECT_EQ(value("silent", "10.0.0.1", "east"), 1);
  EXPECT_EQ(value("silent", "10.0.0.2", ""), 0);
  EXPECT_EQ(value("clock_ahead_seconds", "10.0.0.1", "east"), 2);
  EXPECT_EQ(value("events_total", "10.0.0.1", "east"), 7);
  EXPECT_EQ(value("truncated_events_total", "10.0.0.1", "east"), 6);
  EXPECT_EQ(value("quarantined_events_total", "10.0.0.1", "east"), 5);
  EXPECT_EQ(value("repeated_batches_total", "10.0.0.1", "east"), 4);
  const std::map<std::string, std::string> url{{"url", "https://10.0.0.1:6443/metrics"}};
  EXPECT_EQ(scrape.value("tiercel_apiserver_metrics_up", url), 1);
  EXPECT_EQ(scrape.value("tiercel_apiserver_metrics_up", {{"url", "http://b"}}), 0);
  EXPECT_EQ(scrape.value("tiercel_apiserver_metrics_audit_errors_total", url), 3);
  EXPECT_EQ(scrape.value("tiercel_apiserver_metrics_rejected_requests_total", url), 2);
}

// Whoever may post names clusters at will. A NUL would make a scraper refuse the page, and so
// would two series of the same labels.
TEST(MetricsText, NoClusterCanSpoilThePage) {
  std::vector<watch::ApiserverStatus> all;
  for (const std::string& cluster :
       {std::string("a\0b", 3), std::string("a b"), std::string("\"\\\n\x1b[31m\x7f")}) {
    all.push_back(apiserver("10.0.0.1", cluster));
  }
  all.front().events = 1;
  all.push_back(apiserver("10.0.0.1", "made up"));
  all.back().batches = watch::Apiservers::kKnown - 1;
  const auto rules = tests::load_cost_rules(tests::cost_rule("One", "ka.verb = get"));
  const std::string text = text_of({}, *rules, {}, all);
  EXPECT_EQ(text.find('\0'), std::string::npos);
  const Scrape scrape = read_exposition(text);
  EXPECT_EQ(all_of(scrape), "");
  const auto& samples = scrape.families.at("tiercel_apiserver_events_total").samples;
  ASSERT_EQ(samples.size(), 2U);
  EXPECT_EQ(samples[0].labels.at("cluster"), "a b");
  EXPECT_EQ(samples[0].value, 1) << "the one heard of last";
  EXPECT_EQ(samples[1].labels.at("cluster"), "\"\\  [31m ");
}

// Every row is told under its name, and the reference names every metric.
TEST(MetricsText, LeavesOutNothing) {
  const auto rules = tests::load_cost_rules(tests::cost_rule("One", "ka.verb = get"));
  const Scrape scrape = read_exposition(
      text_of({}, *rules, {output::OutputStatus{}}, {apiserver("10.0.0.1", "")}, one_peer()));
  const std::string reference = metrics_reference();
  for (const auto& [name, family] : scrape.families) {
    EXPECT_NE(reference.find("| `" + name + "` | " + family.type + " |"), std::string::npos)
        << name;
    EXPECT_FALSE(family.samples.empty()) << name;
  }
  std::size_t rows = 0;
  for (const char c : reference.substr(0, reference.find("\n\n") + 1)) {
    rows += c == '\n' ? 1U : 0U;
  }
  EXPECT_EQ(rows - 2, scrape.families.size());
  // What is told by its labels has a sentence for each of them.
  for (const char* const family :
       {"tiercel_quarantined_bodies_total", "tiercel_quarantined_items_total",
        "tiercel_rejected_total", "tiercel_drains_cut_short_total", "tiercel_drops_total"}) {
    for (const auto& sample : scrape.families.at(family).samples) {
      std::string series = std::string("| `") + family + "{";
      for (const char* const label : {"stage", "reason"}) {
        if (sample.labels.contains(label)) {
          series += (series.ends_with('{') ? "" : ",") + std::string(label) + "=\"" +
                    sample.labels.at(label) + "\"";
        }
      }
      EXPECT_NE(reference.find(series + "}` | "), std::string::npos) << series;
    }
  }
  EXPECT_NE(reference.find("{reason=\"size\"}` | Requests answered 413. |"), std::string::npos);
  for (std::size_t at = 0; at < kShown.size(); ++at) {
    EXPECT_EQ(static_cast<std::size_t>(kShown[at].what), at);
    EXPECT_TRUE(kShown[at].doc.ends_with(".")) << kShown[at].name;
    EXPECT_TRUE(scrape.families.contains(std::string(kShown[at].name))) << kShown[at].name;
  }
}

TEST(Exposition, TheReaderIsStrict) {
  const std::string head = "# HELP a_total x\n# TYPE a_total counter\n";
  EXPECT_EQ(all_of(read_exposition(head + "a_total{b=\"c\\\\\\\"\\n\"} 1e+06\n")), "");
  for (const char* const line :
       {"a_total 1", "a_total -1\n", "a_total x\n", "a_total  1\n", "b_total 1\n", "a_total{} 1\n",
        "a_total{b=\"\\t\"} 1\n", "a_total{b=\"c} 1\n", "a_total{b=\"c\",b=\"d\"} 1\n",
        "a_total 0x1\n", "a_total 1\na_total 2\n", "\n", "# HELP a_total y\n"}) {
    EXPECT_NE(all_of(read_exposition(head + line)), "") << line;
  }
  EXPECT_NE(all_of(read_exposition("a_total 1\n")), "");
  EXPECT_NE(all_of(read_exposition("# HELP h x\n# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_sum 1\n"
                                   "h_count 1\n")),
            "");
}

}  // namespace
}  // namespace tiercel::api
