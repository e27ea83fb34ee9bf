#pragma once

#include <memory>
#include <utility>

#include "tiercel/base/mutex.h"

namespace tiercel::base {

/// The current immutable T, replaceable while workers run. Workers take it once
/// per batch and keep it for the batch.
///
/// A mutex and a shared_ptr, not std::atomic<std::shared_ptr>: libstdc++ 12's
/// hides its lock from ThreadSanitizer (google/sanitizers#1558).
/// Runs on: any thread.
template <class T>
class Snapshot {
 public:
  explicit Snapshot(std::shared_ptr<const T> initial = nullptr) : current_(std::move(initial)) {}

  [[nodiscard]] std::shared_ptr<const T> current() const TIERCEL_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    return current_;
  }
  void publish(std::shared_ptr<const T> next) TIERCEL_EXCLUDES(mutex_) {
    {
      const MutexLock lock(mutex_);
      current_.swap(next);
    }  // the old one, if this was its last owner, is destroyed outside the lock
  }

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const T> current_ TIERCEL_GUARDED_BY(mutex_);
};

}  // namespace tiercel::base
