#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tiercel/base/clock.h"
#include "tiercel/base/error.h"
#include "tiercel/base/metrics.h"
#include "tiercel/source/blocking_sink.h"
#include "tiercel/source/threaded_source.h"

namespace tiercel::source {

struct FileSourceOptions {
  std::string name = "file";
  std::vector<std::string> paths;  ///< `*`, `?` and `[…]` match names
  /// Read what a file holds when its entry of `paths` is new. Files that appear later, and those
  /// that were followed before, are always read whole.
  bool from_beginning = false;
  std::uint64_t max_line = std::uint64_t{16} << 20U;  ///< a longer one is reported and skipped
  std::uint64_t batch_bytes = std::uint64_t{1} << 20U;
  std::uint64_t batch_lines = 1000;
  std::chrono::milliseconds poll_interval{250};
  std::size_t max_open_files = 256;
  /// No more of one file, and no longer, until the others are looked at.
  std::uint64_t look_bytes = std::uint64_t{32} << 20U;
  std::chrono::milliseconds look_time{1'000};
  /// A renamed file is let go when nothing new came for so long and its successor has lines.
  std::chrono::milliseconds rotated_grace{5'000};
  /// Pause after a batch that was not taken; doubled each time up to retry_most.
  std::chrono::milliseconds retry_first{50};
  std::chrono::milliseconds retry_most{5'000};
};

/// Follows kube-apiserver's audit log: whole lines, one event each, through renaming,
/// lumberjack's rotation with compression, and copying with truncation. How far each file was
/// read is stored with the alerts that its lines led to; after a restart reading goes on
/// there, in files that were rotated and compressed meanwhile first.
///
/// Looks at the files every poll_interval: cheap, and right on every file system.
class FileSource final : public ThreadedSource {
 public:
  struct Sinks {
    BlockingBatchSink batches;
    BadPieceSink bad_pieces;
    TroubleSink troubles;
  };

  /// `stored` are the positions of this source as they were last stored.
  FileSource(FileSourceOptions options, Sinks sinks, const std::vector<Position>& stored,
             const base::Clock& clock, base::Metrics& metrics);
  ~FileSource() override;

  [[nodiscard]] base::Result<void> start() override;
  void ask_to_stop() override;
  /// Ends after the batch in hand; one that is not taken is read again at the next start.
  [[nodiscard]] bool stop(std::chrono::milliseconds deadline) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tiercel::source
