#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tiercel::base {

/// Tells when files that belong together have changed and come to rest, so that nobody reads
/// half a file, or a new certificate beside an old key.
///
/// Runs on: one thread. A look costs one system call a file.
class FileWatch {
 public:
  /// What is there now counts as seen.
  explicit FileWatch(std::vector<std::string> paths);

  /// Looks at the files. True once for each change: when the look before found the same.
  [[nodiscard]] bool has_changed();

 private:
  /// What tells that a file is another, or has other bytes or another mode. All zero without one.
  struct Stamp {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t modified = 0;  // nanoseconds
    std::int64_t changed = 0;   // of the inode
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  [[nodiscard]] std::vector<Stamp> look() const;

  std::vector<std::string> paths_;
  std::vector<Stamp> seen_;
  std::vector<Stamp> last_;  // of the look before
};

}  // namespace tiercel::base
