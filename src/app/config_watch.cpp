#include "config_watch.h"

#include <utility>

namespace tiercel::app {

namespace {

std::int64_t ns(std::chrono::milliseconds time) { return std::chrono::nanoseconds(time).count(); }

}  // namespace

void ConfigWatch::follow(LoadedPaths paths, FileStamps stamps) {
  paths_ = std::move(paths);
  loaded_ = std::move(stamps);
  last_ = loaded_;
  is_settling_ = false;
}

std::string ConfigWatch::look() {
  const std::int64_t now = clock_.steady();
  if (now < next_) {
    return {};
  }
  next_ = now + ns(is_settling_ ? kStep : kPeriod);
  FileStamps present = FileStamps::of(paths_);
  if (present == loaded_) {
    // Put back as it was, or never changed.
    last_ = std::move(present);
    is_settling_ = false;
    return {};
  }
  if (!std::exchange(is_settling_, true)) {
    begun_ = now;
    next_ = now + ns(kStep);
  }
  if (present != last_) {
    last_ = std::move(present);
    changed_ = now;
  }
  if (now - changed_ < ns(kSettle) && now - begun_ < ns(kMostSettling)) {
    return {};
  }
  is_settling_ = false;
  return loaded_.difference(last_);
}

}  // namespace tiercel::app
