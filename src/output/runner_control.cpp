#include "runner_control.h"

#include <algorithm>
#include <utility>

namespace tiercel::output {

using base::MutexLock;
using Steady = std::chrono::steady_clock;

void RunnerControl::stop(TimePoint until) {
  {
    const MutexLock lock(mutex_);
    // A second call may shorten the time, never prolong it.
    until_ = is_stopping_ ? std::min(until_, until) : until;
    is_stopping_ = true;
  }
  changed_.notify_all();
}

bool RunnerControl::is_stopping() const {
  const MutexLock lock(mutex_);
  return is_stopping_;
}

bool RunnerControl::is_over() const {
  const MutexLock lock(mutex_);
  return is_stopping_ && Steady::now() >= until_;
}

void RunnerControl::reopen() {
  {
    const MutexLock lock(mutex_);
    reopen_ = true;
  }
  changed_.notify_all();
}

bool RunnerControl::wants_reopen() const {
  const MutexLock lock(mutex_);
  return reopen_;
}

bool RunnerControl::take_reopen() {
  const MutexLock lock(mutex_);
  return std::exchange(reopen_, false);
}

void RunnerControl::set_format(const alert::LineFormat& format) {
  const MutexLock lock(mutex_);
  format_ = format;
}

alert::LineFormat RunnerControl::format() const {
  const MutexLock lock(mutex_);
  return format_;
}

void RunnerControl::wait(std::chrono::milliseconds timeout) {
  const MutexLock lock(mutex_);
  const TimePoint end = Steady::now() + timeout;
  const bool was_stopping = is_stopping_;
  while (!reopen_ && is_stopping_ == was_stopping) {
    const TimePoint until = is_stopping_ ? std::min(end, until_) : end;
    if (Steady::now() >= until) {
      return;
    }
    changed_.wait_until(mutex_, until);
  }
}

void RunnerControl::finish() {
  {
    const MutexLock lock(mutex_);
    is_finished_ = true;
  }
  changed_.notify_all();
}

bool RunnerControl::wait_finished(TimePoint until) {
  const MutexLock lock(mutex_);
  while (!is_finished_ && Steady::now() < until) {
    changed_.wait_until(mutex_, until);
  }
  return is_finished_;
}

}  // namespace tiercel::output
