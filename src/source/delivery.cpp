#include "delivery.h"

#include <algorithm>
#include <utility>

#include "tiercel/base/log.h"

namespace tiercel::source {

Delivery::Delivery(std::string name, BlockingBatchSink sink, Pauses pauses, AtStop at_stop)
    : name_(std::move(name)), sink_(std::move(sink)), pauses_(pauses), at_stop_(at_stop) {}

bool Delivery::deliver(Batch& batch, const Worker& worker, const std::function<void()>& refused) {
  if (has_given_up_) {
    return false;
  }
  std::chrono::milliseconds pause = pauses_.first;
  bool was_told = false;
  while (true) {
    const BatchOutcome outcome = sink_(batch);
    if (outcome == BatchOutcome::kDone) {
      if (was_told) {
        base::log_info("source '" + name_ + "': its events are taken again");
      }
      return true;
    }
    if (refused) {
      refused();
    }
    const bool ends = at_stop_ == AtStop::kGiveUp ? worker.is_stopping() : worker.has_given_up();
    if (ends) {
      has_given_up_ = true;
      return false;
    }
    // The first refusals are the ordinary answer to a burst.
    if (!was_told && pause >= pauses_.most) {
      was_told = true;
      base::log_warning("source '" + name_ +
                        "': its events are not taken at the moment; reading waits, nothing is "
                        "skipped. The store or an output reports why");
    }
    batch.is_repeat = true;
    worker.pause(pause);
    pause = std::min(pause * 2, pauses_.most);
  }
}

}  // namespace tiercel::source
