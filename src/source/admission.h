#pragma once

#include <cstdint>
#include <utility>

#include "tiercel/base/mutex.h"

namespace tiercel::source {

/// The budget of requests and bytes in hand, shared by all requests. Whoever asks while nobody else
/// holds a byte is always admitted, so that no size is refused for ever.
///
/// A share holds what has come, not what was announced, and a request counts once it has come:
/// otherwise a few clients that announce much and send nothing would have the whole budget.
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
    explicit Share(Admission& admission) : admission_(&admission) {}
    Share(Share&& other) noexcept
        : admission_(std::exchange(other.admission_, nullptr)),
          bytes_(other.bytes_),
          is_counted_(other.is_counted_) {}
    Share& operator=(Share&&) = delete;
    ~Share() {
      if (admission_ != nullptr) {
        admission_->release(bytes_, is_counted_ ? 1 : 0);
      }
    }
    [[nodiscard]] explicit operator bool() const { return admission_ != nullptr; }
    /// So much has come. False where that is more than there is room for.
    [[nodiscard]] bool grow_to(std::uint64_t bytes) {
      if (bytes > bytes_) {
        if (!admission_->grow(bytes_, bytes)) {
          return false;
        }
        bytes_ = bytes;
      }
      return true;
    }
    /// Work on the request begins. False where there are too many.
    [[nodiscard]] bool begin() {
      is_counted_ = is_counted_ || admission_->count();
      return is_counted_;
    }

   private:
    Admission* admission_ = nullptr;
    std::uint64_t bytes_ = 0;
    bool is_counted_ = false;
  };

  /// An empty Share when the house is full, or would be with so many bytes.
  Share admit(std::uint64_t announced) TIERCEL_EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    return fits(0, announced) && has_place() ? Share(*this) : Share();
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
  /// Whether one that holds `before` may hold `bytes`.
  [[nodiscard]] bool fits(std::uint64_t before, std::uint64_t bytes) const
      TIERCEL_REQUIRES(mutex_) {
    const std::uint64_t others = used_ - before;
    return others == 0 || (bytes <= budget_ && others <= budget_ - bytes);
  }
  [[nodiscard]] bool has_place() const TIERCEL_REQUIRES(mutex_) {
    return requests_ == 0 || requests_ < most_requests_;
  }
  bool grow(std::uint64_t before, std::uint64_t bytes) TIERCEL_EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    const bool is_room = fits(before, bytes);
    used_ += is_room ? bytes - before : 0;
    return is_room;
  }
  bool count() TIERCEL_EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    const bool is_room = has_place();
    requests_ += is_room ? 1 : 0;
    return is_room;
  }
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
