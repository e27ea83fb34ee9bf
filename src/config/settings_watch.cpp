#include "families.h"

namespace tiercel::config {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

std::string check_metrics_url(std::string_view text) {
  const bool is_url = text.starts_with("https://") || text.starts_with("http://");
  return is_url ? "" : "takes a URL, https://10.0.0.1:6443/metrics";
}

}  // namespace

void describe_watch(Schema& schema, Settings& settings) {
  Section<WatchSettings> watch(
      schema, "watch", settings.watch,
      "When the daemon tells that it may be blind: by the alerts tiercel: silent, clock_skew and "
      "late_events, by /status and by its metrics. 0 is never.");
  watch
      .option("silence", &WatchSettings::silence,
              "An apiserver is silent when nothing has come for three times its longest pause of "
              "late, and for this long at the least.")
      .between(milliseconds(0), hours(24));
  watch
      .option("clock_skew", &WatchSettings::clock_skew,
              "By how much an event's stageTimestamp may be after its arrival.")
      .between(milliseconds(0), hours(24));
  watch
      .option("late", &WatchSettings::late,
              "How old the newest event of each batch may be when it comes.")
      .between(milliseconds(0), hours(24));
  Section<ApiserverMetricsSettings> metrics(
      schema, "apiserver_metrics", settings.apiserver_metrics,
      "kube-apiserver's own counters of audit events and audit errors, compared with what "
      "arrived.");
  metrics
      .option("urls", &ApiserverMetricsSettings::urls,
              "The metrics of each apiserver that posts to this daemon, as "
              "https://10.0.0.1:6443/metrics; none: nothing is asked. All of them, or a loss is "
              "hidden behind the events of those that are not named.")
      .check(check_metrics_url);
  metrics.option("interval", &ApiserverMetricsSettings::interval, "How often to ask.")
      .between(seconds(1), hours(1));
  metrics
      .option("grace", &ApiserverMetricsSettings::grace,
              "How long an event may be on its way: batching, and the apiserver's retries. Of a "
              "steady traffic a loss of one event in ten is told after some ten times as long, "
              "of more than one in 100 within 400 times as long or 20 hours; one of less than "
              "one in 200, or of up to 100 events, is not told.")
      .between(seconds(1), hours(1));
  metrics.option("ca_file", &ApiserverMetricsSettings::ca_file,
                 "PEM file of the cluster's authority, /etc/kubernetes/pki/ca.crt with kubeadm; "
                 "empty: those of the system.");
  metrics.option("client_certificate", &ApiserverMetricsSettings::client_certificate,
                 "PEM file of a certificate whose user may get the URL /metrics.");
  metrics.option("client_key", &ApiserverMetricsSettings::client_key, "PEM file of its key.");
  metrics.option("token_file", &ApiserverMetricsSettings::token_file,
                 "File with a bearer token instead; read again for each request.");
  metrics.option("insecure", &ApiserverMetricsSettings::insecure,
                 "Do not check the apiserver's certificate: whoever answers is believed, and gets "
                 "the token.");
}

}  // namespace tiercel::config
