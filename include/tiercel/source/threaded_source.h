#pragma once

#include <chrono>

#include "tiercel/base/error.h"

namespace tiercel::source {

/// A source with a thread of its own, on which the sinks are called.
///
/// Runs on: start() and stop() from the main thread.
class ThreadedSource {
 public:
  ThreadedSource() = default;
  virtual ~ThreadedSource() = default;
  ThreadedSource(const ThreadedSource&) = delete;
  ThreadedSource& operator=(const ThreadedSource&) = delete;

  [[nodiscard]] virtual base::Result<void> start() = 0;
  /// Reads no more from now on; does not wait.
  virtual void ask_to_stop() = 0;
  /// The same, and waits. False when the sink had not taken what was read after `deadline`.
  [[nodiscard]] virtual bool stop(std::chrono::milliseconds deadline) = 0;
  /// Nothing will ever come again, and all that came was taken.
  [[nodiscard]] virtual bool has_ended() const { return false; }
};

}  // namespace tiercel::source
