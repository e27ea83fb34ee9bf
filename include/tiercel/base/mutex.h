#pragma once

#include <condition_variable>
#include <mutex>

#include "tiercel/base/thread_annotations.h"

namespace tiercel::base {

/// std::mutex that clang's analysis understands (libstdc++'s is no capability).
class TIERCEL_CAPABILITY("mutex") Mutex {
 public:
  void lock() TIERCEL_ACQUIRE() { mutex_.lock(); }
  void unlock() TIERCEL_RELEASE() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

/// Holds a Mutex for its own lifetime.
class TIERCEL_SCOPED_CAPABILITY [[nodiscard]] MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) TIERCEL_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() TIERCEL_RELEASE() { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

/// Waits on a Mutex: `condition.wait(mutex)` inside a MutexLock.
using ConditionVariable = std::condition_variable_any;

}  // namespace tiercel::base
