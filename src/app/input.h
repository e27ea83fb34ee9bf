#pragma once

#include <cstdint>
#include <functional>
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
  enum class Form : std::uint8_t {
    kLines,  ///< whole lines, each one body: an event, an EventList or an array of them
    kBody,   ///< one body over several lines
  };

  std::vector<char> bytes;  ///< size + audit::kPadding
  std::size_t size = 0;
  Form form = Form::kLines;
  std::shared_ptr<const std::string> file;  ///< for reports; the same pointer for all its blocks

  [[nodiscard]] std::string_view view() const { return {bytes.data(), size}; }
};

/// Reads files of recorded events and hands them on in order: JSONL in blocks of whole lines,
/// values that span lines (printed EventLists, events, arrays) one by one, for which the file
/// is held in memory. gzip and zstd are recognised by their first bytes; `-` is standard
/// input; a folder is its regular files, the oldest first.
[[nodiscard]] base::Result<void> read_inputs(const std::vector<std::string>& paths,
                                             const std::function<void(InputBlock)>& take);

/// The bodies of a block: each line that is not blank, with its number from 1 on, or the whole
/// with number 0. Returns how many lines there are.
std::uint64_t for_each_body(
    const InputBlock& block,
    const std::function<void(std::uint64_t line, std::string_view body)>& take);

/// Where the JSON value that begins at `from` (blanks skipped) ends, knowing strings and
/// brackets only; nothing where it does not end.
[[nodiscard]] std::optional<std::size_t> value_end(std::string_view text, std::size_t from);

/// Whether a file that begins with this text holds values that span lines, judged by its
/// first two lines that are not blank. A damaged first line alone does not make it so.
[[nodiscard]] bool spans_lines(std::string_view beginning);

}  // namespace tiercel::app
