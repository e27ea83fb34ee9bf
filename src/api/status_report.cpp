#include <algorithm>

#include <nlohmann/json.hpp>

#include "tiercel/api/reports.h"
#include "tiercel/base/utc_time.h"

#include "age.h"
#include "outputs_report.h"
#include "watch_status.h"

namespace tiercel::api {

namespace {

using Json = nlohmann::ordered_json;

Json age(std::int64_t then, std::int64_t now) { return json_of(seconds_since(then, now)); }

Json store_part(const StatusInput& input) {
  const store::StoreStatus& store = input.store;
  return {{"segments", store.segments},
          {"bytes", store.bytes},
          {"wal_bytes", store.wal_bytes},
          {"alerts", store.alerts},
          {"commits", store.commits},
          {"last_commit_took_seconds", static_cast<double>(store.last_commit.count()) / kSecond},
          {"is_full", store.is_full},
          {"is_unwritable", store.is_unwritable},
          {"last_refused_seconds", age(store.last_refused, input.steady)},
          {"last_dropped_seconds", age(store.last_dropped, input.steady)}};
}

Json disabled_part(const std::vector<DisabledRule>& rules, std::int64_t now) {
  Json all = Json::array();
  for (const DisabledRule& one : rules) {
    all.push_back({{"rule", one.rule},
                   {"until", base::utc_text(one.until)},
                   {"seconds_left", seconds_since(now, one.until).value_or(0)}});
  }
  return all;
}

Json rules_part(const StatusInput& input) {
  const base::Metrics& metrics = input.metrics;
  return {{"in_force", input.rules.rules().size()},
          {"loaded", input.rules.loaded().size()},
          {"hash", input.rules.hash()},
          {"slow", metrics.value(base::Metric::kRulesSlow)},
          {"noisy", metrics.value(base::Metric::kRulesNoisy)},
          {"disabled", disabled_part(input.disabled, input.now)}};
}

Json reload_part(const StatusInput& input) {
  return {{"last_seconds", age(input.reload.time, input.steady)},
          {"error", input.reload.error.empty() ? Json(nullptr) : Json(input.reload.error)}};
}

}  // namespace

std::string disabled_rules_json(const std::vector<DisabledRule>& rules, std::int64_t now) {
  const Json out{{"disabled", disabled_part(rules, now)}};
  return out.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string status_json(const StatusInput& input) {
  const auto last_batch = static_cast<std::int64_t>(input.metrics.value(base::Metric::kLastBatch));
  Json out;
  out["version"] = TIERCEL_VERSION;
  out["up_seconds"] = static_cast<double>(input.steady - input.started) / kSecond;
  out["ready"] = input.unready_reason.empty();
  out["not_ready_reason"] =
      input.unready_reason.empty() ? Json(nullptr) : Json(input.unready_reason);
  out["last_batch_seconds"] = age(last_batch * 1'000'000'000, input.now);
  out["rules"] = rules_part(input);
  out["reload"] = reload_part(input);
  out["credentials"] = {{"stale", !input.stale_credentials.empty()},
                        {"errors", input.stale_credentials}};
  out["store"] = store_part(input);
  out["outputs"] = outputs_part(input.outputs, input.now);
  append_watch_status(out, input.apiservers, input.reconciliation);
  Json& counters = out["counters"] = Json::object();
  for (const base::MetricRow& row : base::kMetrics) {
    counters[std::string(row.name)] = input.metrics.value(row.metric);
  }
  return out.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tiercel::api
