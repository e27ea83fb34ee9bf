#include "tiercel/api/admin.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "tiercel/api/metrics.h"
#include "tiercel/base/one_line.h"

#include "flow_report.h"

namespace tiercel::api {

namespace {

constexpr const char* kReadinessPath = "/readyz";
// Steady nanoseconds. A refusal is forgotten soon: where the probe keeps batches away none would
// come that shows whether there is room again.
constexpr std::int64_t kRefusalIsRecent = 60'000'000'000;
constexpr std::int64_t kDropIsRecent = 600'000'000'000;

// Of "top=20", within bounds: an io thread makes the answer.
std::size_t wanted_rows(std::string_view query) {
  constexpr std::string_view kTop = "top=";
  constexpr std::size_t kMost = 1'000;
  std::size_t rows = 100;  // 0: as many as there may be
  if (query.starts_with(kTop)) {
    query.remove_prefix(kTop.size());
    (void)std::from_chars(query.data(), query.data() + query.size(), rows);
  }
  return rows == 0 ? kMost : std::min(rows, kMost);
}

}  // namespace

Admin::Admin(Parts parts) : parts_(std::move(parts)), started_(parts_.clock.steady()) {}

void Admin::set_reloaded(std::string error) {
  const base::MutexLock lock(mutex_);
  reload_ = {parts_.clock.steady(), std::move(error)};
}

std::string Admin::status() const {
  const auto rules = parts_.rules.current();
  const store::StoreStatus store = parts_.store.status();
  const std::vector<output::OutputStatus> outputs = parts_.outputs();
  StatusInput input{.metrics = parts_.metrics,
                    .rules = *rules,
                    .store = store,
                    .outputs = outputs,
                    .apiservers = parts_.apiservers(),
                    .reconciliation = parts_.reconciliation(),
                    .stale_credentials = parts_.stale_credentials(),
                    .disabled = parts_.disabled_rules(),
                    .unready_reason = unready_reason(),
                    .started = started_,
                    .steady = parts_.clock.steady(),
                    .now = parts_.clock.now()};
  {
    const base::MutexLock lock(mutex_);
    input.reload = reload_;
  }
  return status_json(input);
}

void Admin::add_health_routes(http::Router& router, const std::string& health_path) const {
  router.add_get(health_path,
                 [](const http::Request&) { return json_response(R"({"status": "ok"})"); });
  if (health_path == kReadinessPath) {
    return;
  }
  router.add_get(kReadinessPath, [this](const http::Request&) {
    const std::string reason = unready_reason();
    if (reason.empty()) {
      return json_response(R"({"status": "ok"})");
    }
    http::Response answer =
        json_response(R"({"status": "not ready", "reason": ")" + reason + "\"}", 503);
    answer.is_answer = true;
    return answer;
  });
}

void Admin::tell_refused(const http::Request& request, std::string_view why) const {
  parts_.metrics.add(base::Metric::kAdminRefused);
  refused_log_.warn("admin: " + request.method + " " + base::one_line(request.path) + " from " +
                    request.peer + " was refused: " + std::string(why));
}

void Admin::add_routes(http::Router& router, HostRule hosts, Changes changes) const {
  Routes routes(
      router, std::move(hosts), changes,
      [this](const http::Request& request, std::string_view why) { tell_refused(request, why); });
  routes.get("/metrics", [this](const http::Request&) {
    return http::Response{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                          .body = metrics()};
  });
  routes.get("/versions", [this](const http::Request&) {
    return json_response(versions_json(parts_.rules.current()->hash()));
  });
  routes.get("/outputs", [this](const http::Request&) {
    return json_response(outputs_json(parts_.outputs(), parts_.clock.now()));
  });
  routes.get("/rules", [this](const http::Request& request) {
    return json_response(cost_json(parts_.costs.report(wanted_rows(request.query))));
  });
  // Beside /readyz, as Kubernetes names single checks; not part of it, or a balancer that asks
  // there would never let a silent apiserver be heard again.
  routes.get(std::string(kReadinessPath) + "/events",
             [this](const http::Request&) { return flow(); });
  routes.get("/status", [this](const http::Request&) { return json_response(status()); });
  add_rule_routes(routes);
}

std::string Admin::metrics() const {
  const auto rules = parts_.rules.current();
  const store::StoreStatus store = parts_.store.status();
  const std::vector<output::OutputStatus> outputs = parts_.outputs();
  MetricsInput input{.metrics = parts_.metrics,
                     .rules = *rules,
                     .store = store,
                     .outputs = outputs,
                     .connections = {},
                     .in_flight = parts_.in_flight(),
                     .disabled_rules = parts_.disabled_rules().size(),
                     .apiservers = parts_.apiservers(),
                     .reconciliation = parts_.reconciliation(),
                     .is_ready = unready_reason().empty(),
                     .now = parts_.clock.now()};
  if (is_started_.load()) {
    input.connections = parts_.connections();
  }
  return metrics_text(input);
}

http::Response Admin::flow() const {
  if (!is_started_.load()) {
    http::Response answer = json_response(R"({"status": "not ready", "reason": "starting"})", 503);
    answer.is_answer = true;
    return answer;
  }
  const std::vector<watch::ApiserverStatus> apiservers = parts_.apiservers();
  return flow_answer(
      {.apiservers = apiservers, .nothing_for = parts_.nothing_for(), .now = parts_.clock.now()});
}

std::string Admin::unready_reason() const {
  if (!is_started_.load()) {
    return "starting";
  }
  const store::StoreStatus status = parts_.store.status();
  const auto is_recent = [now = parts_.clock.steady()](std::int64_t time, std::int64_t limit) {
    return time != 0 && now - time < limit;
  };
  const bool is_refusing = is_recent(status.last_refused, kRefusalIsRecent);
  if (is_refusing && status.is_full) {
    return "the store has no room: batches that alert are refused";
  }
  if (is_refusing && status.is_unwritable) {
    return "the store cannot be written: batches that alert are refused";
  }
  if (is_recent(status.last_dropped, kDropIsRecent)) {
    return "alerts were lost for an output in the last ten minutes: see the alerts "
           "tiercel: store_dropped and dead_letters_full";
  }
  return {};
}

}  // namespace tiercel::api
