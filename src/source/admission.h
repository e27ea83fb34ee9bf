#pragma once

#include <cstdint>
#include <utility>

#include "tiercel/base/mutex.h"

namespace tiercel::source {

/// The budget of requests and bytes in hand, shared by all requests. Whoever asks while nothing is
/// in hand is always admitted, so that no size is refused for ever.
///
/// Runs on: any thread.
class Admission {
 public:
  explicit Admission(std::uint64_t budget, std::uint64_t most_requests = UINT64_MAX)
      : budget_(budget), most_requests_(most_requests) {}

  /// A share of the budget, given back at the end of its life.
  class [[nodiscard]] Share {
   public:
    Share() = default;
    Share(Admission& admission, std::uint64_t bytes) : admission_(&admission), bytes_(bytes) {}
    Share(Share&& other) noexcept
        : admission_(std::exchange(other.admission_, nullptr)), bytes_(other.bytes_) {}
    Share& operator=(Share&&) = delete;
    ~Share() {
      if (admission_ != nullptr) {
        admission_->release(bytes_, 1);
      }
    }
    [[nodiscard]] explicit operator bool() const { return admission_ != nullptr; }
    /// Gives back what turned out not to be needed.
    void shrink_to(std::uint64_t bytes) {
      if (admission_ != nullptr && bytes < bytes_) {
        admission_->release(bytes_ - bytes, 0);
        bytes_ = bytes;
      }
    }

   private:
    Admission* admission_ = nullptr;
    std::uint64_t bytes_ = 0;
  };

  /// An empty Share when the house is full.
  Share admit(std::uint64_t bytes) TIERCEL_EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    const bool is_over = bytes > budget_ || used_ > budget_ - bytes || requests_ >= most_requests_;
    if (requests_ > 0 && is_over) {
      return {};
    }
    used_ += bytes;
    ++requests_;
    return {*this, bytes};
  }
  [[nodiscard]] std::uint64_t used() const TIERCEL_EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    return used_;
  }

  [[nodiscard]] std::uint64_t requests() const TIERCEL_EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    return requests_;
  }

 private:
  void release(std::uint64_t bytes, std::uint64_t requests) TIERCEL_EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    used_ -= bytes;
    requests_ -= requests;
  }

  const std::uint64_t budget_;
  const std::uint64_t most_requests_;
  mutable base::Mutex mutex_;
  std::uint64_t used_ TIERCEL_GUARDED_BY(mutex_) = 0;
  std::uint64_t requests_ TIERCEL_GUARDED_BY(mutex_) = 0;
};

}  // namespace tiercel::source
