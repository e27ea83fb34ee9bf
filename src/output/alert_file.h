#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tiercel/base/error.h"

#include "descriptor.h"

namespace tiercel::output {

/// A file that lines are appended to, while others may rename, truncate or append to it.
///
/// Runs on: one thread.
class AlertFile {
 public:
  /// `for_owner`: a file that root makes is its folder's owner's, a daemon's that is not root.
  explicit AlertFile(std::string path, bool for_owner = false)
      : path_(std::move(path)), for_owner_(for_owner) {}

  /// Opens or makes it. A last line without newline, torn by a crash, is closed by one.
  [[nodiscard]] base::Result<void> open();
  void close() { file_ = Descriptor(); }
  [[nodiscard]] bool is_open() const { return file_.is_open(); }
  /// Whether the path still names the file that is open.
  [[nodiscard]] bool is_current() const;
  [[nodiscard]] std::uint64_t size() const;
  /// Appends all chunks, or takes back what went out and says why not.
  [[nodiscard]] base::Result<void> append(std::span<const std::string_view> chunks);
  /// Until it is on the disk.
  [[nodiscard]] base::Result<void> sync();
  [[nodiscard]] int number() const { return file_.number(); }

 private:
  void take_back(std::uint64_t size, std::size_t written);

  std::string path_;
  bool for_owner_;
  Descriptor file_;
};

}  // namespace tiercel::output
