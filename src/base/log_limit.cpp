#include "tiercel/base/log_limit.h"

#include "tiercel/base/log.h"

namespace tiercel::base {

std::int64_t LogLimit::steady() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

bool LogLimit::lets_through(std::int64_t now) {
  std::int64_t next = next_.load(std::memory_order_relaxed);
  if (now < next ||
      !next_.compare_exchange_strong(next, now + period_.count(), std::memory_order_relaxed)) {
    hold_back();
    return false;
  }
  return true;
}

void LogLimit::reset() {
  next_.store(0, std::memory_order_relaxed);
  held_back_.store(0, std::memory_order_relaxed);
}

void LogLimit::warn(std::string_view text, std::int64_t now) {
  if (lets_through(now)) {
    say(std::string(text));
  }
}

void LogLimit::say(std::string line) {
  if (const std::uint64_t held = take_held_back(); held != 0) {
    line += " (" + std::to_string(held) + " more like this since the last such line)";
  }
  log_warning(line);
}

}  // namespace tiercel::base
