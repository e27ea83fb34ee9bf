#include "store_events.h"

#include <algorithm>

#include "tiercel/base/log.h"

namespace tiercel::app {

namespace {

base::LogLevel level_of(std::string_view code) {
  const auto codes = pipeline::internal_codes();
  const auto row = std::find_if(codes.begin(), codes.end(),
                                [code](const auto& one) { return one.code == code; });
  if (row == codes.end() || row->priority == base::Priority::kWarning) {
    return base::LogLevel::kWarning;
  }
  return row->priority < base::Priority::kWarning ? base::LogLevel::kError : base::LogLevel::kInfo;
}

void raise(pipeline::InternalAlerts& alerts, const store::StoreEvent& event) {
  // Files and outputs that differ are told of apart.
  const std::string_view peer =
      event.fields.empty() ? std::string_view{} : std::string_view(event.fields.front().second);
  alerts.raise(event.code, peer, event.message, event.fields);
}

}  // namespace

void StoreEvents::take(const store::StoreEvent& event) {
  base::log(level_of(event.code), event.message);
  pipeline::InternalAlerts* alerts = nullptr;
  {
    const base::MutexLock lock(mutex_);
    alerts = alerts_;
    if (alerts == nullptr) {
      waiting_.push_back(event);
    }
  }
  if (alerts != nullptr) {
    raise(*alerts, event);
  }
}

void StoreEvents::connect(pipeline::InternalAlerts& alerts) {
  std::vector<store::StoreEvent> waiting;
  {
    const base::MutexLock lock(mutex_);
    alerts_ = &alerts;
    waiting.swap(waiting_);
  }
  for (const store::StoreEvent& event : waiting) {
    raise(alerts, event);
  }
}

}  // namespace tiercel::app
