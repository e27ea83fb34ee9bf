#include "tiercel/http/log_limit.h"

#include <string>

namespace tiercel::http {

void LogLimit::warn(std::string_view text) {
  const std::int64_t now = std::chrono::duration_cast<std::chrono::nanoseconds>(
                               std::chrono::steady_clock::now().time_since_epoch())
                               .count();
  std::int64_t next = next_.load(std::memory_order_relaxed);
  const std::int64_t after =
      now + std::chrono::duration_cast<std::chrono::nanoseconds>(period_).count();
  if (now < next || !next_.compare_exchange_strong(next, after, std::memory_order_relaxed)) {
    held_back_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  std::string line(text);
  if (const std::uint64_t held = held_back_.exchange(0, std::memory_order_relaxed); held != 0) {
    line += " (" + std::to_string(held) + " more like this since the last such line)";
  }
  base::log_warning(line);
}

}  // namespace tiercel::http
