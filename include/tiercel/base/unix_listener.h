#pragma once

#include <string>
#include <utility>

#include <sys/types.h>

#include "tiercel/base/error.h"

namespace tiercel::base {

/// A Unix socket that is listened on, and its file, which goes at the end of this object's life.
/// A file that a daemon left which was killed is taken over; one that somebody listens on is not.
///
/// Runs on: one thread.
class UnixListener {
 public:
  UnixListener() = default;
  ~UnixListener();
  UnixListener(const UnixListener&) = delete;
  UnixListener& operator=(const UnixListener&) = delete;

  /// `mode` of the socket's file.
  [[nodiscard]] Result<void> open(const std::string& path, unsigned mode);
  void remove_file();
  /// The descriptor, non-blocking; -1 before open().
  [[nodiscard]] int file() const { return file_; }
  /// The descriptor, which the caller closes from now on.
  [[nodiscard]] int release() { return std::exchange(file_, -1); }

 private:
  [[nodiscard]] Error error(const std::string& what) const;

  std::string path_;
  int file_ = -1;
  ino_t inode_ = 0;  // of the socket's file
};

}  // namespace tiercel::base
