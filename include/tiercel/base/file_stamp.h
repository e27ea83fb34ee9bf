#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

namespace tiercel::base {

/// What tells from outside that a file is another, or has other bytes or another mode. Links are
/// followed: Kubernetes renews a mounted secret by another link.
///
/// Two that are equal stand for the same contents, if nothing was written just before the first.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size = 0;
  std::int64_t modified = 0;  ///< nanoseconds since the epoch
  std::int64_t changed = 0;   ///< of the inode: mode and owner too
  int error = 0;              ///< not 0: there is nothing to look at, and errno says why

  /// One system call.
  [[nodiscard]] static FileStamp of(const std::string& path);
  [[nodiscard]] std::int64_t youngest() const { return std::max(modified, changed); }
  /// The same as text.
  [[nodiscard]] std::string text() const;

  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

}  // namespace tiercel::base
