#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "tiercel/base/error.h"

namespace tiercel::output {

/// Calls `take` for each line of the file, without its newline, until it returns false; a
/// last line without newline counts. Plain, gzip and zstd, told apart by their first bytes.
/// A line longer than 64 MiB is an error.
[[nodiscard]] base::Result<void> read_lines(const std::string& path,
                                            const std::function<bool(std::string_view)>& take);

/// The last line of the file, without newline, and whether a newline ends it.
struct LastLine {
  std::string text;
  bool is_whole = true;
};
[[nodiscard]] base::Result<LastLine> read_last_line(const std::string& path);

}  // namespace tiercel::output
