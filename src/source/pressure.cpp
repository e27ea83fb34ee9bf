#include "pressure.h"

#include <string>

namespace tiercel::source {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

/// Short at first: most jams are over at once, and a batch that waits is an alert that waits.
int retry_after(std::int64_t seconds) { return seconds < 10 ? 1 : (seconds < 30 ? 2 : 3); }

}  // namespace

http::Response Pressure::refuse() {
  const std::int64_t now = clock_.steady();
  std::int64_t seconds = 0;
  {
    const base::MutexLock lock(mutex_);
    if (!refusing_ || now - last_ > std::chrono::nanoseconds(kPause).count()) {
      began_ = now;
    }
    refusing_ = true;
    last_ = now;
    seconds = (now - began_) / kSecond;
  }
  if (seconds >= give_up_after_.count()) {
    return http::text_response(503, "refusing batches for too long");
  }
  http::Response response = http::text_response(429, "busy");
  response.headers.push_back({"Retry-After", std::to_string(retry_after(seconds))});
  return response;
}

void Pressure::took_one() {
  const base::MutexLock lock(mutex_);
  refusing_ = false;
}

}  // namespace tiercel::source
