#pragma once

#include <string>
#include <vector>

#include "peer_server.h"

namespace tiercel::support {

/// What is wrong with a request by what the vendor documents of its API, in words; empty where the
/// vendor would take it. Written from the vendors' public documentation and from nothing else, and
/// stricter than their servers are.
using Complaints = std::vector<std::string>;

/// Falco's JSON alert, as falcosidekick (`POST /`) takes it.
[[nodiscard]] Complaints check_falcosidekick(const PeerRequest& request);
/// CloudEvents 1.0 over HTTP: binary, structured or a batch, by the content type.
[[nodiscard]] Complaints check_cloud_events(const PeerRequest& request);
/// Prometheus Alertmanager, POST /api/v2/alerts.
[[nodiscard]] Complaints check_alertmanager(const PeerRequest& request);
/// Elasticsearch, POST /_bulk into a data stream.
[[nodiscard]] Complaints check_elasticsearch(const PeerRequest& request);
/// Grafana Loki, POST /loki/api/v1/push as JSON.
[[nodiscard]] Complaints check_loki(const PeerRequest& request);
/// Splunk's HTTP Event Collector, POST /services/collector/event.
[[nodiscard]] Complaints check_splunk_hec(const PeerRequest& request);
/// Datadog's logs intake, POST /api/v2/logs.
[[nodiscard]] Complaints check_datadog(const PeerRequest& request);
/// PagerDuty's Events API v2, POST /v2/enqueue.
[[nodiscard]] Complaints check_pagerduty(const PeerRequest& request);
/// Slack: an incoming webhook, or chat.postMessage with a token.
[[nodiscard]] Complaints check_slack(const PeerRequest& request);
/// Microsoft Teams: a workflow that posts an adaptive card.
[[nodiscard]] Complaints check_teams(const PeerRequest& request);
/// Discord, execute webhook.
[[nodiscard]] Complaints check_discord(const PeerRequest& request);
/// Mattermost, incoming webhook.
[[nodiscard]] Complaints check_mattermost(const PeerRequest& request);

/// One line of all of them.
[[nodiscard]] std::string joined(const Complaints& complaints);

}  // namespace tiercel::support
