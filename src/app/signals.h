#pragma once

#include <chrono>
#include <cstdint>

namespace tiercel::app {

/// The process's signals, taken one by one by the main thread. Constructed before any
/// other thread, so that all threads inherit the blocked mask. SIGUSR2 and SIGPIPE are
/// ignored.
class Signals {
 public:
  enum class Event : std::uint8_t { kStop, kReload, kReopen, kTick };

  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// The next signal, or kTick when none came for so long.
  [[nodiscard]] Event wait(std::chrono::milliseconds most);
};

}  // namespace tiercel::app
