#include "tiercel/audit/local_zone.h"

#include <ctime>

namespace tiercel::audit {

namespace {

// Offsets lie within a day either way: 18 bits hold them, shifted to be positive.
constexpr int kOffsetBits = 18;
constexpr std::int64_t kOffsetBias = std::int64_t{1} << (kOffsetBits - 1);
constexpr std::int64_t kOffsetMask = (std::int64_t{1} << kOffsetBits) - 1;

std::int64_t system_offset(std::time_t now) {
  std::tm local{};
  tzset();  // localtime_r need not notice that the zone was changed
  if (localtime_r(&now, &local) == nullptr) {
    return 0;
  }
  return local.tm_gmtoff;
}

}  // namespace

std::int64_t LocalZone::offset() const {
  if (fixed_) {
    return *fixed_;
  }
  std::timespec now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  const std::int64_t cached = cached_.load(std::memory_order_relaxed);
  if (cached != 0 && (cached >> kOffsetBits) == now.tv_sec) {
    return (cached & kOffsetMask) - kOffsetBias;
  }
  const std::int64_t offset = system_offset(now.tv_sec);
  cached_.store((std::int64_t{now.tv_sec} << kOffsetBits) | (offset + kOffsetBias),
                std::memory_order_relaxed);
  return offset;
}

}  // namespace tiercel::audit
