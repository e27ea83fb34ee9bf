#include "backoff.h"

#include <algorithm>

namespace tiercel::output {

namespace {
using std::chrono::milliseconds;

milliseconds doubled(milliseconds pause, milliseconds max) {
  return pause > max / 2 ? max : pause * 2;
}
}  // namespace

Backoff::Backoff(milliseconds min, milliseconds max, std::uint64_t seed)
    : min_(std::max(min, kLeast)),
      max_(std::max(max, min_)),
      first_ceiling_(doubled(min_, max_)),
      ceiling_(first_ceiling_),
      random_(seed) {}

milliseconds Backoff::next() {
  std::uniform_int_distribution<milliseconds::rep> pauses(min_.count(), ceiling_.count());
  const milliseconds pause(pauses(random_));
  ceiling_ = doubled(ceiling_, max_);
  return pause;
}

}  // namespace tiercel::output
