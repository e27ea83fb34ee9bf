#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/base/clock.h"
#include "tiercel/base/metrics.h"
#include "tiercel/source/file_source.h"

#include "delivery.h"
#include "followed_file.h"
#include "worker.h"

namespace tiercel::source {

/// Takes the lines of followed files to the sinks, each batch with the place behind it, and
/// tells of files that cannot be read.
///
/// Runs on: the source's thread.
class FileReading {
 public:
  enum class Outcome : std::uint8_t {
    kNothing,    ///< the present end; nothing new stood before it
    kSome,       ///< there may be more
    kExchanged,  ///< FollowedFile::Read::kExchanged
    kFailed,     ///< told of
    kStopped,
  };
  static constexpr std::string_view kRotatedTooFast =
      "Raise --audit-log-maxbackup where logs are rotated faster than they are read";

  FileReading(const FileSourceOptions& options, FileSource::Sinks sinks, const Worker& worker,
              const base::Clock& clock, base::Metrics& metrics, std::function<std::uint64_t()> lag);

  /// Reads to the present end, or as much as one look may, and hands on.
  [[nodiscard]] Outcome drain(FollowedFile& file);
  /// Hands on a last line that has no end. False at stop.
  [[nodiscard]] bool finish(FollowedFile& file);
  /// Hands over places that belong to no lines; the store writes them in order, soon, and before
  /// anything that is handed over later. One that is lost with the power, or that the store
  /// refuses, is read again. False at stop.
  bool store(std::vector<Position> positions);

  /// Opens a file; where it cannot be read, or is a compressed one at a followed path, this is
  /// told once.
  [[nodiscard]] std::unique_ptr<FollowedFile> open(const std::string& path,
                                                   const std::string& followed);
  /// Goes behind the last whole line: what comes from now on is read. False where the file cannot
  /// be read.
  [[nodiscard]] bool skip_to_end(FollowedFile& file);
  void complain(const std::string& path, const base::Error& error);
  [[nodiscard]] bool has_complaint(const std::string& path) const {
    return complained_.contains(path);
  }
  void forget_complaint(const std::string& path) { complained_.erase(path); }
  /// Sets the metric: bytes that are there and not taken, and `in_hand` that are being handed on.
  void tell_lag(std::uint64_t in_hand);
  /// What became of files that are gone need not be remembered.
  void forget_gone();
  /// Lines may be lost: counted, logged, reported.
  void tell_lost(const std::string& path, const std::string& what,
                 std::string_view advice = kRotatedTooFast);

 private:
  bool hand_on(FollowedFile& file, LineCutter::Input input);

  const FileSourceOptions& options_;
  const LineLimits limits_;
  const FileSource::Sinks sinks_;
  const Worker& worker_;
  const base::Clock& clock_;
  base::Metrics& metrics_;
  const std::function<std::uint64_t()> lag_;
  Delivery delivery_;
  std::set<std::string> complained_;
  std::string scratch_;
};

}  // namespace tiercel::source
