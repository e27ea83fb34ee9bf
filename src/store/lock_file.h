#pragma once

#include <optional>
#include <string>

#include "tiercel/base/error.h"

#include "disk.h"

namespace tiercel::store {

/// Keeps a second daemon off the store: flock() on `<path>/alerts/lock`, which the kernel gives
/// back however the process ends. Holds our pid while we run and is emptied by a clean stop.
class LockFile {
 public:
  LockFile() = default;
  ~LockFile() { close(); }
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

  /// Refused where another process has it; says which, and where.
  [[nodiscard]] base::Result<void> take(const std::string& path);
  /// False where somebody removed the file: the lock keeps nobody off any more.
  [[nodiscard]] bool holds() const;
  /// The one before us did not stop cleanly.
  [[nodiscard]] bool was_unclean() const { return was_unclean_; }
  /// All is written: the next start need not look closely.
  void mark_clean();
  void close();

 private:
  int file_ = -1;
  bool was_unclean_ = false;
  std::string path_;
  std::optional<FileIdentity> identity_;
};

}  // namespace tiercel::store
