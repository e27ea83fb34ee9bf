#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "tiercel/base/error.h"
#include "tiercel/store/store.h"

namespace tiercel::store {

/// Which file a path led to, so that one that was exchanged is noticed.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};
[[nodiscard]] std::optional<FileIdentity> file_identity(const std::string& path);
/// What changes when a file is written or exchanged.
struct FileState {
  FileIdentity identity;
  std::int64_t size = 0;
  std::int64_t changed = 0;  ///< ns since the epoch
  friend bool operator==(const FileState&, const FileState&) = default;
};
[[nodiscard]] std::optional<FileState> file_state(const std::string& path);
/// 0 where there is none.
[[nodiscard]] std::uint64_t file_size(const std::string& path);
/// Of a segment: the database and its WAL.
[[nodiscard]] std::uint64_t segment_bytes(const std::string& path);

/// What a segment's first bytes say, read without SQLite so that nothing is touched.
struct SegmentHeader {
  bool is_ours = false;  ///< a database of SQLite with our application id
  std::uint32_t version = 0;
};
[[nodiscard]] base::Result<SegmentHeader> read_segment_header(const std::string& path);

/// Makes `path` and its `alerts` folder, 0700, where they are missing.
[[nodiscard]] base::Result<void> make_folders(const std::string& path, const std::string& alerts);
/// Others than its owner may read or write it, or enter it.
[[nodiscard]] bool is_open_to_others(const std::string& path);
/// An empty file, 0600; an old one of the same name is removed first.
[[nodiscard]] base::Result<void> make_empty_file(const std::string& path);
/// Names that were made, renamed or removed in `folder` survive a power loss after this.
[[nodiscard]] base::Result<void> sync_folder(const std::string& folder);
[[nodiscard]] base::Result<void> rename_file(const std::string& from, const std::string& to);
/// A segment with its -wal and -shm, the database first: what is left by a crash between is
/// recognised by its missing database.
void remove_segment(const std::string& path);
/// Renames a segment and its -wal to `damaged-…`; -shm is removed. False where it could not.
[[nodiscard]] bool set_aside(const std::string& folder, const std::string& name);
[[nodiscard]] base::Result<std::vector<std::string>> list_folder(const std::string& folder);

[[nodiscard]] std::optional<DiskSpace> disk_space(const std::string& folder);

/// "2.0 GiB".
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);

}  // namespace tiercel::store
