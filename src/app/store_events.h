#pragma once

#include <vector>

#include "tiercel/base/mutex.h"
#include "tiercel/pipeline/internal_alerts.h"
#include "tiercel/store/store.h"

namespace tiercel::app {

/// What the store tells of: a log line at once, and an alert of our own, which needs the
/// store itself and so waits until connect().
///
/// Runs on: any thread; thread-safe.
class StoreEvents {
 public:
  void take(const store::StoreEvent& event);
  /// From now on events become alerts; those from before do now.
  void connect(pipeline::InternalAlerts& alerts);

 private:
  base::Mutex mutex_;
  pipeline::InternalAlerts* alerts_ TIERCEL_GUARDED_BY(mutex_) = nullptr;
  std::vector<store::StoreEvent> waiting_ TIERCEL_GUARDED_BY(mutex_);
};

}  // namespace tiercel::app
