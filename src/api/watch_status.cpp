#include "watch_status.h"

namespace tiercel::api {

namespace {

using Json = nlohmann::ordered_json;

double seconds(std::int64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e9; }

Json json_of(const watch::ApiserverStatus& one) {
  return {{"address", one.address},
          {"cluster", one.cluster},
          {"source", one.source},
          {"batches", one.batches},
          {"events", one.events},
          {"truncated_events", one.truncated},
          {"quarantined_events", one.quarantined},
          {"repeated_batches", one.repeated_batches},
          {"silent_seconds", seconds(one.silent_for)},
          {"silence_expected_seconds",
           one.silence_expected == 0 ? Json(nullptr) : Json(seconds(one.silence_expected))},
          {"delay_seconds", seconds(one.delay)},
          {"least_delay_seconds", seconds(one.least_delay)},
          {"clock_ahead_seconds", seconds(one.clock_ahead)},
          {"is_silent", one.is_silent},
          {"has_clock_skew", one.has_clock_skew},
          {"is_late", one.is_late}};
}

Json json_of(const watch::ReconcileStatus::Peer& one) {
  Json errors = Json::object();
  for (const auto& [plugin, count] : one.last.errors) {
    errors[plugin] = count;
  }
  return {{"url", one.url},
          {"scrapes", one.scrapes},
          {"restarts", one.restarts},
          {"events", one.last.events},
          {"errors", std::move(errors)},
          {"rejected_requests", one.last.rejected_requests},
          {"requests_at_level_none", one.last.level_none},
          {"last_error", one.last_error}};
}

}  // namespace

void append_watch_status(Json& out, const std::vector<watch::ApiserverStatus>& apiservers,
                         const watch::ReconcileStatus& reconciliation) {
  Json& list = out["apiservers"] = Json::array();
  for (const watch::ApiserverStatus& one : apiservers) {
    list.push_back(json_of(one));
  }
  if (reconciliation.peers.empty()) {
    out["reconciliation"] = nullptr;  // not configured
    return;
  }
  Json peers = Json::array();
  for (const watch::ReconcileStatus::Peer& one : reconciliation.peers) {
    peers.push_back(json_of(one));
  }
  out["reconciliation"] = {{"generated_events", reconciliation.generated},
                           {"arrived_events", reconciliation.arrived},
                           {"missing_events", reconciliation.missing},
                           {"apiservers", std::move(peers)}};
}

}  // namespace tiercel::api
