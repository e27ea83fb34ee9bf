#pragma once

#include <chrono>

#include "tiercel/alert/line_format.h"
#include "tiercel/base/mutex.h"

namespace tiercel::output {

/// What other threads ask of an output's thread, and where it waits meanwhile. Its time is the
/// machine's, since it is about the end of the process.
///
/// Runs on: any thread.
class RunnerControl {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit RunnerControl(const alert::LineFormat& format) : format_(format) {}

  /// The thread is to end when everything is delivered, and at `until` at the latest.
  void stop(TimePoint until);
  [[nodiscard]] bool is_stopping() const;
  /// The time to deliver is over.
  [[nodiscard]] bool is_over() const;

  void reopen();
  [[nodiscard]] bool wants_reopen() const;
  /// Whether it was asked since the last call.
  [[nodiscard]] bool take_reopen();

  void set_format(const alert::LineFormat& format);
  [[nodiscard]] alert::LineFormat format() const;

  /// Until the time is over, reopen() or stop() is called, or the time to deliver is over.
  void wait(std::chrono::milliseconds timeout);

  /// The thread has ended.
  void finish();
  /// False when it has not by `until`.
  [[nodiscard]] bool wait_finished(TimePoint until);

 private:
  mutable base::Mutex mutex_;
  base::ConditionVariable changed_;
  bool is_stopping_ TIERCEL_GUARDED_BY(mutex_) = false;
  bool reopen_ TIERCEL_GUARDED_BY(mutex_) = false;
  bool is_finished_ TIERCEL_GUARDED_BY(mutex_) = false;
  TimePoint until_ TIERCEL_GUARDED_BY(mutex_);
  alert::LineFormat format_ TIERCEL_GUARDED_BY(mutex_);
};

}  // namespace tiercel::output
