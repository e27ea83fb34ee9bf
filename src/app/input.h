#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/audit/decode.h"
#include "tiercel/base/error.h"

namespace tiercel::app {

/// A piece of a file of recorded events, to be evaluated as a whole.
struct InputBlock {
  std::vector<char> bytes;  ///< size + audit::kPadding at least
  std::size_t size = 0;
  /// Whole lines, each one body, or one body over several lines.
  audit::BatchForm form = audit::BatchForm::kLines;
  std::shared_ptr<const std::string> file;  ///< for reports; the same pointer for all its blocks

  [[nodiscard]] std::string_view view() const { return {bytes.data(), size}; }
};

/// Reads files of recorded events block by block in order: JSONL in blocks of whole lines,
/// values that span lines (printed EventLists, events, arrays) one by one, for which the file
/// is held in memory. gzip and zstd are recognised by their first bytes; `-` is standard
/// input; a folder is its regular files, the oldest first.
///
/// Files are read, not mapped: copying 256 KiB into memory that is in the core's cache costs
/// what mapping them costs, and a file that somebody cuts off meanwhile ends early, no more.
///
/// Runs on: one thread at a time.
class InputReader {
 public:
  explicit InputReader(std::vector<std::string> paths);
  ~InputReader();
  InputReader(const InputReader&) = delete;
  InputReader& operator=(const InputReader&) = delete;

  /// The next block, in the memory of one that is no longer needed; false at the end.
  [[nodiscard]] base::Result<bool> next(InputBlock& block);

 private:
  class FileCutter;
  [[nodiscard]] base::Result<bool> open_next();

  std::vector<std::string> paths_;  // the next one last
  std::vector<std::string> files_;  // of the path in hand, the next one last
  std::unique_ptr<FileCutter> file_;
};

/// Where the JSON value that begins at `from` (blanks skipped) ends, knowing strings and
/// brackets only; nothing where it does not end.
[[nodiscard]] std::optional<std::size_t> value_end(std::string_view text, std::size_t from);

/// Whether a file that begins with this text holds values that span lines, judged by its
/// first two lines that are not blank. A damaged first line alone does not make it so.
[[nodiscard]] bool spans_lines(std::string_view beginning);

}  // namespace tiercel::app
