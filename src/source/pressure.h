#pragma once

#include <chrono>
#include <cstdint>

#include "tiercel/base/clock.h"
#include "tiercel/base/mutex.h"
#include "tiercel/http/request.h"

namespace tiercel::source {

/// How long we have been refusing, and what to answer for it: 429 with Retry-After 1, then
/// 2, then 3 seconds, which makes an apiserver keep its batch; after `give_up_after`
/// without a pause 503 without the header, which makes it drop the batch in the end
/// instead of piling up its own memory.
///
/// A pause is a batch taken, or kPause without a refusal.
/// Runs on: any thread.
class Pressure {
 public:
  static constexpr std::chrono::seconds kPause{30};

  Pressure(const base::Clock& clock, std::chrono::seconds give_up_after)
      : clock_(clock), give_up_after_(give_up_after) {}

  [[nodiscard]] http::Response refuse() TIERCEL_EXCLUDES(mutex_);
  void took_one() TIERCEL_EXCLUDES(mutex_);

 private:
  const base::Clock& clock_;
  const std::chrono::seconds give_up_after_;
  base::Mutex mutex_;
  bool refusing_ TIERCEL_GUARDED_BY(mutex_) = false;
  std::int64_t began_ TIERCEL_GUARDED_BY(mutex_) = 0;  ///< steady nanoseconds
  std::int64_t last_ TIERCEL_GUARDED_BY(mutex_) = 0;
};

}  // namespace tiercel::source
