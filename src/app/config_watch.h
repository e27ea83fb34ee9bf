#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "tiercel/base/clock.h"

#include "file_stamps.h"

namespace tiercel::app {

/// Looks whether what was loaded has changed in its files. By asking for their stamps, not by
/// inotify: that is told nothing of what another host writes to a network file system, and loses
/// a folder that is exchanged by a link, as Kubernetes does with its volumes. It costs some
/// microseconds a file, once a second.
///
/// Runs on: main thread.
class ConfigWatch {
 public:
  explicit ConfigWatch(const base::Clock& clock) : clock_(clock) {}

  /// This was loaded, or could not be: only what differs from it is news.
  void follow(LoadedPaths paths, FileStamps stamps);
  /// To be called each `pause()` at the latest. The name of a file that has changed, once no file
  /// has changed any more for kSettle: whoever writes in place, or copies several files, is done
  /// then. Something that goes on changing is told of after kMostSettling all the same.
  [[nodiscard]] std::string look();
  /// Until the next look().
  [[nodiscard]] std::chrono::milliseconds pause() const { return is_settling_ ? kStep : kPeriod; }

  static constexpr std::chrono::milliseconds kPeriod{1000};
  static constexpr std::chrono::milliseconds kStep{100};
  static constexpr std::chrono::milliseconds kSettle{500};
  static constexpr std::chrono::milliseconds kMostSettling{10'000};

 private:
  const base::Clock& clock_;
  LoadedPaths paths_;
  FileStamps loaded_;
  FileStamps last_;
  bool is_settling_ = false;
  std::int64_t next_ = 0;     ///< steady
  std::int64_t begun_ = 0;    ///< steady, when the first change was seen
  std::int64_t changed_ = 0;  ///< steady, when the last one was
};

}  // namespace tiercel::app
