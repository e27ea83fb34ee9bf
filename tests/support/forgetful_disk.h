#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <utility>

#include <sys/types.h>

#include "forgetful_file.h"

namespace tiercel::support {

/// The names under which files are found, and what of them has reached the disk.
///
/// Runs on: any thread.
class ForgetfulDisk {
 public:
  using Bytes = ForgetfulFile::Bytes;
  using Handle = std::shared_ptr<ForgetfulFile>;

  /// Null where there is no such file and none is to be made.
  [[nodiscard]] Handle open(const std::string& path, bool may_make);
  /// What a file holds that has not been synced outlives its last handle.
  void close(Handle file);
  [[nodiscard]] bool has_content(const std::string& path);
  /// False where there is none.
  [[nodiscard]] bool remove(const std::string& path, bool is_synced);

  [[nodiscard]] Bytes read(const ForgetfulFile& file, char* to, Bytes count, Bytes offset);
  [[nodiscard]] bool write(ForgetfulFile& file, const char* from, Bytes count, Bytes offset);
  void truncate(ForgetfulFile& file, Bytes size);
  [[nodiscard]] Bytes size(const ForgetfulFile& file);
  [[nodiscard]] bool sync(ForgetfulFile& file);
  /// Something that was not synced reaches the disk.
  void scatter(std::mt19937& random);

 private:
  using Inode = std::pair<dev_t, ino_t>;

  [[nodiscard]] bool is_removed(const std::string& path);
  [[nodiscard]] bool give_name(ForgetfulFile& file);
  void sync_folder(const std::string& folder);
  void forget_unlinked();

  std::mutex mutex_;
  std::map<Inode, Handle> real_;
  std::map<std::string, Handle> nameless_;  ///< made, not yet on the disk
  std::map<std::string, ino_t> removed_;    ///< removed, still on the disk
};

}  // namespace tiercel::support
