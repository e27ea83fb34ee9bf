#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "tiercel/base/log.h"

namespace tiercel::http {

/// Lets one log line through per period, whoever floods us; the next line that passes
/// tells how many were held back. Runs on: any thread.
class LogLimit {
 public:
  explicit LogLimit(std::chrono::seconds period = std::chrono::seconds{60}) : period_(period) {}
  void warn(std::string_view text);

 private:
  std::chrono::seconds period_;
  std::atomic<std::int64_t> next_{0};  ///< steady nanoseconds
  std::atomic<std::uint64_t> held_back_{0};
};

}  // namespace tiercel::http
