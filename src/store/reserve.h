#pragma once

#include <string>

namespace tiercel::store {

/// A file that keeps a little of the disk back. On a full disk it gives way to what must be
/// written all the same: the alert that tells of it, and the -shm without which a WAL that a
/// killed daemon left cannot be read.
///
/// Runs on: the writer thread; before that on the thread that opens.
class Reserve {
 public:
  explicit Reserve(const std::string& folder);

  /// As much as there is room for, up to 1 MiB. Does nothing in memory.
  void keep() const;
  /// False where nothing was kept.
  [[nodiscard]] bool release() const;

 private:
  std::string file_;  ///< empty in memory
};

}  // namespace tiercel::store
