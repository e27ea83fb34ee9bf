#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tiercel/base/error.h"
#include "tiercel/source/batch.h"

namespace tiercel::app {

/// Where a batch of recorded events came from, for reports.
struct InputBatch {
  source::Batch batch;
  std::string file;
  std::uint64_t line = 0;  ///< of the batch's first line, from 1; 0 where there are no lines
};

/// Reads files of recorded events and hands them on as batches in order: lines of JSON
/// (JSONL) gathered into batches of about a megabyte, or whole bodies that span lines.
/// gzip and zstd are recognised by their first bytes; `-` is standard input; a folder is
/// its files, the oldest first. `take` returns false to stop.
[[nodiscard]] base::Result<void> read_inputs(const std::vector<std::string>& paths,
                                             const std::function<bool(InputBatch)>& take);
}  // namespace tiercel::app
