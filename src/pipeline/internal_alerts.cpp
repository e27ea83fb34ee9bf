#include "tiercel/pipeline/internal_alerts.h"

#include <algorithm>

namespace tiercel::pipeline {

namespace {

constexpr std::int64_t kInterval = 60'000'000'000;  // nanoseconds

constexpr std::array<InternalCode, 12> kCodes{{
    {"not_json", base::Priority::kWarning, "A body or event is not JSON."},
    {"not_audit_list", base::Priority::kWarning, "A body is JSON but no audit events."},
    {"wrong_kind", base::Priority::kWarning, "An item of a batch is no audit event."},
    {"truncated", base::Priority::kWarning, "A body ends before its JSON does."},
    {"trailing_garbage", base::Priority::kWarning, "Something follows the JSON of a body."},
    {"bad_gzip", base::Priority::kWarning, "A compressed body cannot be unpacked."},
    {"too_deep", base::Priority::kWarning, "An event is nested deeper than limits.max_depth."},
    {"too_large", base::Priority::kWarning, "An event is larger than limits.max_event."},
    {"many_bad_items", base::Priority::kWarning,
     "A batch holds more unreadable events than are kept one by one."},
    {"quarantine_full", base::Priority::kNotice,
     "The quarantine is at its limit; its oldest pieces are removed."},
    {"output_failed", base::Priority::kError, "An output did not take alerts."},
    {"reload_failed", base::Priority::kCritical,
     "The rules could not be loaded again; the old ones stay."},
}};

}  // namespace

std::span<const InternalCode> internal_codes() { return kCodes; }

InternalAlerts::InternalAlerts(store::AlertStore& store, alert::AlertOptions options,
                               const base::Clock& clock, base::Metrics& metrics)
    : store_(store), clock_(clock), metrics_(metrics), options_(std::move(options)) {}

void InternalAlerts::set_options(alert::AlertOptions options) {
  const base::MutexLock lock(mutex_);
  options_ = std::move(options);
}

// Makes room from entries that hold nothing back any more; at most once an interval, so that
// a flood of peers costs no walk each time.
void InternalAlerts::forget_old(std::int64_t now) {
  if (now - last_forgetting_ < kInterval) {
    return;
  }
  last_forgetting_ = now;
  std::erase_if(held_, [now](const auto& entry) {
    return entry.second.suppressed == 0 && now - entry.second.last >= kInterval;
  });
}

void InternalAlerts::raise(std::string_view code, std::string_view peer, std::string message,
                           Fields fields) {
  const auto row = std::find_if(kCodes.begin(), kCodes.end(),
                                [code](const InternalCode& one) { return one.code == code; });
  alert::InternalAlert alert;
  alert.code = code;
  alert.priority = row == kCodes.end() ? base::Priority::kWarning : row->priority;
  alert.message = std::move(message);
  alert.fields = std::move(fields);
  alert.time = clock_.now();
  store::RecordBatch batch;
  {
    const base::MutexLock lock(mutex_);
    std::pair key{std::string(code), std::string(peer)};
    const std::int64_t now = clock_.steady();
    if (held_.size() >= kMostPeers && !held_.contains(key)) {
      forget_old(now);
    }
    if (held_.size() >= kMostPeers && !held_.contains(key)) {
      key.second = "*";
    }
    const auto [entry, is_new] = held_.try_emplace(std::move(key));
    if (!is_new && now - entry->second.last < kInterval) {
      ++entry->second.suppressed;
      return;
    }
    if (!peer.empty()) {
      alert.fields.emplace_back("peer", peer);
    }
    if (entry->second.suppressed != 0) {
      alert.fields.emplace_back("suppressed", std::to_string(entry->second.suppressed));
    }
    entry->second = {now, 0};
    alert::render_internal(alert, options_, batch.bytes);
  }
  store::Record record;
  record.time = alert.time;
  record.priority = static_cast<std::uint8_t>(alert.priority);
  record.length = batch.bytes.size();
  record.rule = row == kCodes.end() ? std::string_view("tiercel") : row->code;
  batch.records.push_back(record);
  metrics_.add(base::Metric::kInternalAlerts);
  // Nobody waits for it; an output that fails is told of by the alerts that are waited for.
  store_.append(std::move(batch), [](store::AppendResult) {});
}

}  // namespace tiercel::pipeline
