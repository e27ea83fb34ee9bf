#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "tiercel/base/error.h"
#include "tiercel/base/mutex.h"

namespace tiercel::source {

/// The thread of a source and how it is told to stop: first gently (read no more), then at
/// the deadline (hand over no more).
///
/// Runs on: start, stop: main thread; the rest: the thread itself.
class Worker {
 public:
  Worker();
  /// Waits for the thread.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Once only. An error where the system has no descriptor left to stop it by.
  [[nodiscard]] base::Result<void> start(std::function<void()> body);
  /// Gently; does not wait.
  void ask_to_stop();
  /// The same, and waits until the deadline. False when the thread was still busy after `deadline`.
  bool stop(std::chrono::milliseconds deadline);

  [[nodiscard]] bool is_stopping() const { return stopping_; }
  [[nodiscard]] bool has_given_up() const { return given_up_; }
  /// Waits so long, or until there is something to stop.
  void rest(std::chrono::milliseconds time) const;
  /// Waits so long, or until stop() has something new to say: at its beginning one more attempt
  /// is made at once.
  void pause(std::chrono::milliseconds time) const;
  /// Readable from stop() on, for poll().
  [[nodiscard]] int stop_file() const { return stop_file_; }

 private:
  std::atomic<bool> stopping_{false};
  std::atomic<bool> given_up_{false};
  int stop_file_ = -1;
  mutable base::ConditionVariable changed_;
  mutable base::Mutex mutex_;
  bool is_running_ TIERCEL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tiercel::source
