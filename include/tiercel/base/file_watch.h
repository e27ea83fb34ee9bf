#pragma once

#include <string>
#include <vector>

#include "tiercel/base/file_stamp.h"

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
  [[nodiscard]] std::vector<FileStamp> look() const;

  std::vector<std::string> paths_;
  std::vector<FileStamp> seen_;
  std::vector<FileStamp> last_;  // of the look before
};

}  // namespace tiercel::base
