#pragma once

#include <memory>
#include <span>
#include <string>

#include "tiercel/base/error.h"

namespace tiercel::app {

/// Bytes of a file or of standard input, unpacked where they begin as gzip or zstd do.
///
/// Runs on: one thread.
class ByteReader {
 public:
  ByteReader() = default;
  ByteReader(const ByteReader&) = delete;
  ByteReader& operator=(const ByteReader&) = delete;
  virtual ~ByteReader() = default;
  /// Reads some bytes, at least one and at most room.size(); 0 at the end.
  [[nodiscard]] virtual base::Result<std::size_t> read(std::span<char> room) = 0;
};

/// `path` may be "-": standard input.
[[nodiscard]] base::Result<std::unique_ptr<ByteReader>> open_bytes(const std::string& path);

}  // namespace tiercel::app
