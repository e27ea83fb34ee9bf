#include "tiercel/watch/comparison.h"

namespace tiercel::watch {

void Comparison::begin(std::int64_t now, Counts base, std::uint64_t lost) {
  began_ = now;
  base_ = base;
  lost_ = lost;
  due_ = missing_ = marked_ = 0;
  has_exceeded_ = false;
}

bool Comparison::look(std::int64_t now, Counts due) {
  // What is due now may have been generated before it began.
  due_ = due.generated - std::min(due.generated, base_.generated);
  missing_ = due_ - std::min(due_, due.arrived - std::min(due.arrived, base_.arrived));
  // What stays missing is no other loss; what has come after all can be missing anew.
  marked_ = std::min(marked_, missing_);
  const bool is_loss = missing_ > kTolerated && missing_ > due_ / kToleratedShare;
  if (!is_loss || (has_exceeded_ && missing_ <= marked_ + kTolerated)) {
    return false;
  }
  if (!has_exceeded_) {
    has_exceeded_ = true;
    seen_at_ = now;
  }
  marked_ = missing_;
  return true;
}

// Not long after a loss was seen: as the traffic falls and rises, more or less of it is seen as
// missing, which would be told from another loss no longer.
bool Comparison::is_over(std::int64_t now, std::int64_t grace) const {
  return now - began_ >= std::max(least_, graces_ * grace) ||
         (has_exceeded_ && now - seen_at_ >= kHour);
}

}  // namespace tiercel::watch
