#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "tiercel/base/mutex.h"

namespace tiercel::store {

/// Who is told when an output has not passed in time what it must.
///
/// Runs on: any thread.
class Overdue {
 public:
  /// Returns when a call in hand has ended.
  void set(const std::string& output, std::function<void()> tell) {
    const base::MutexLock lock(mutex_);
    tell_[output] = std::move(tell);
  }
  /// False: there is nobody.
  [[nodiscard]] bool tell(std::string_view output) const {
    const base::MutexLock lock(mutex_);
    const auto found = tell_.find(output);
    if (found == tell_.end() || !found->second) {
      return false;
    }
    found->second();
    return true;
  }

 private:
  mutable base::Mutex mutex_;
  std::map<std::string, std::function<void()>, std::less<>> tell_ TIERCEL_GUARDED_BY(mutex_);
};

}  // namespace tiercel::store
