#include "status_report.h"

#include <nlohmann/json.hpp>

namespace tiercel::app {

std::string status_json(const store::StoreStatus& store, const base::Metrics& metrics,
                        std::int64_t steady) {
  using Json = nlohmann::ordered_json;
  constexpr double kSecond = 1e9;
  const auto age = [steady](std::int64_t then) {
    return then == 0 ? Json(nullptr) : Json(static_cast<double>(steady - then) / kSecond);
  };
  Json out;
  out["store"] = {
      {"segments", store.segments},
      {"bytes", store.bytes},
      {"wal_bytes", store.wal_bytes},
      {"alerts", store.alerts},
      {"commits", store.commits},
      {"last_commit_took_seconds", static_cast<double>(store.last_commit.count()) / kSecond},
      {"is_full", store.is_full},
      {"is_unwritable", store.is_unwritable},
      {"last_refused_seconds", age(store.last_refused)},
      {"last_dropped_seconds", age(store.last_dropped)}};
  Json& counters = out["counters"] = Json::object();
  for (const base::MetricRow& row : base::kMetrics) {
    counters[std::string(row.name)] = metrics.value(row.metric);
  }
  return out.dump() + "\n";
}

}  // namespace tiercel::app
