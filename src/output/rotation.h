#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "tiercel/base/error.h"

namespace tiercel::output {

struct RotationOptions {
  enum class Compression : std::uint8_t { kNone, kGzip, kZstd };
  std::uint64_t max_size = 0;             ///< bytes of the file; 0: no limit
  std::chrono::milliseconds max_age{0};   ///< of the file's first line; 0: no limit
  std::uint32_t keep_files = 0;           ///< rotated ones; 0: all
  std::chrono::milliseconds keep_age{0};  ///< of rotated ones; 0: for ever
  Compression compression = Compression::kNone;
};

/// Renames `path` to PATH-20260102T030405.678, a number behind it where that is taken, and
/// returns the new name.
[[nodiscard]] base::Result<std::string> rotate_away(const std::string& path, std::int64_t now);
/// Makes NAME.gz or NAME.zst of a rotated file, on disk before the plain one is removed.
[[nodiscard]] base::Result<void> compress_file(const std::string& name,
                                               RotationOptions::Compression compression);
/// Removes rotated files of `path` beyond what is to be kept, the oldest first. Files that
/// rotation did not name are left alone.
void remove_old_files(const std::string& path, const RotationOptions& options, std::int64_t now);

}  // namespace tiercel::output
