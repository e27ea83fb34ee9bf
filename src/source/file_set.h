#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "followed_file.h"

namespace tiercel::source {

/// The files that are open: the live ones under their paths, and those that were rotated and may
/// still hold, or get, lines.
///
/// Runs on: the source's thread.
struct FileSet {
  using Clock = std::chrono::steady_clock;
  struct Rotated {
    std::unique_ptr<FollowedFile> file;
    Clock::time_point quiet_since = Clock::now();
  };

  std::map<std::string, std::unique_ptr<FollowedFile>> live;  ///< by path
  std::vector<Rotated> rotated;                               ///< the oldest first

  /// The numbers of all files, to look many up in.
  [[nodiscard]] std::set<std::string> inodes() const;
  [[nodiscard]] std::size_t size() const { return live.size() + rotated.size(); }

  [[nodiscard]] bool holds(const std::string& inode) const;
  /// One that was changed last at that time.
  [[nodiscard]] bool holds_of_time(std::int64_t modified) const;
  /// The same contents are being read, maybe under another name.
  [[nodiscard]] bool holds_copy_of(const FollowedFile& file);
  /// Whoever wrote the rotated file writes another one at its path by now.
  [[nodiscard]] bool has_successor(const FollowedFile& file) const;
  /// Live files that are no longer at their path become rotated ones; their paths.
  [[nodiscard]] std::vector<std::string> retire_renamed();
  void add_rotated(std::unique_ptr<FollowedFile> file);
  /// Bytes that are there and not taken, as FollowedFile::lag.
  [[nodiscard]] std::uint64_t lag() const;
};

}  // namespace tiercel::source
