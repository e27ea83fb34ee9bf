#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "tiercel/base/clock.h"
#include "tiercel/base/log_limit.h"
#include "tiercel/base/metrics.h"
#include "tiercel/base/mutex.h"

namespace tiercel::pipeline {

struct QuarantineOptions {
  std::string path = "/var/lib/tiercel/quarantine";
  std::uint64_t max_bytes = std::uint64_t{256} << 20U;
  std::uint32_t max_files = 1000;
  std::chrono::seconds max_age{7 * 24 * 3600};
};

/// A folder for bodies and events that could not be evaluated: one file (0600) each, named
/// <UTC time>-<running number>-<code>.json. Bounded in bytes, files and age; the oldest go
/// first and are counted. Other files in the folder are left alone. A failure to write is counted
/// and logged, never an error for the request.
///
/// Runs on: any thread; thread-safe. Writes happen on the caller's thread.
class Quarantine {
 public:
  Quarantine(QuarantineOptions options, const base::Clock& clock, base::Metrics& metrics);

  struct Kept {
    std::string name;        ///< of the file, empty when it could not be written
    bool made_room = false;  ///< older files went for it: the limits are too small
  };
  /// Keeps `bytes`. Of a piece larger than all may be, the beginning is kept.
  Kept keep(std::string_view bytes, std::string_view code);
  /// Looks whether the folder can be used, so that a wrong path is told of at the start.
  /// True when it can.
  bool check();
  [[nodiscard]] std::uint64_t bytes() const;
  [[nodiscard]] std::size_t files() const;

 private:
  struct Entry {
    std::string name;
    std::uint64_t size;
    std::int64_t time;  // nanoseconds since the epoch
  };
  bool prepare() TIERCEL_REQUIRES(mutex_);
  bool make_room(std::uint64_t wanted, std::int64_t now) TIERCEL_REQUIRES(mutex_);
  void fail(std::string_view what) TIERCEL_REQUIRES(mutex_);

  const QuarantineOptions options_;
  const base::Clock& clock_;
  base::Metrics& metrics_;

  mutable base::Mutex mutex_;
  std::deque<Entry> entries_ TIERCEL_GUARDED_BY(mutex_);  // the oldest first
  std::uint64_t bytes_ TIERCEL_GUARDED_BY(mutex_) = 0;
  std::uint64_t number_ TIERCEL_GUARDED_BY(mutex_) = 0;
  bool ready_ TIERCEL_GUARDED_BY(mutex_) = false;
  base::LogLimit failure_log_;
};

}  // namespace tiercel::pipeline
