#pragma once

#include <atomic>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <thread>

#include "harness.h"

namespace tiercel::tests {

/// How a log is rotated while it is written.
enum class Rotation {
  kLumberjack,    ///< as kube-apiserver does it: renamed, made anew, compressed somewhat later
  kCompress,      ///< renamed, made anew, compressed at once
  kLateWriter,    ///< renamed; the writer goes on in the old file for a while
  kCopyTruncate,  ///< copied and cut off; the writer pauses meanwhile and appends
  kHole,          ///< the same with a writer that goes on at its old offset
};

/// A kube-apiserver that writes audit.log in a folder on a thread of its own: small events whose
/// ids are "<name>-0", "<name>-1", … without gaps.
class AuditLog {
 public:
  AuditLog(const std::string& folder, std::string name);
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  /// Holds the writer meanwhile, as the locks of the real ones do.
  void rotate(Rotation how);
  /// Runs a program's work on the log while the writer waits; with `reopen` the writer opens
  /// the path again behind it.
  void run(const Lines& command, bool reopen);
  void stop();
  /// How many events were written.
  [[nodiscard]] int written() const { return next_; }
  [[nodiscard]] std::string id(int number) const { return name_ + "-" + std::to_string(number); }

 private:
  void write_on();
  void write_some(int lines);
  void open(bool append);
  void compress(const std::string& file) const;

  const std::string path_;
  const std::string stem_;
  const std::string name_;
  std::mutex mutex_;
  int file_ = -1;
  int rotations_ = 0;
  std::string to_compress_;
  std::atomic<int> next_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace tiercel::tests
