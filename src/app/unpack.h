#pragma once

#include <memory>
#include <string>

#include "tiercel/base/error.h"

namespace tiercel::app {

/// Bytes of a file or of standard input, unpacked where they begin as gzip or zstd do.
class ByteReader {
 public:
  ByteReader() = default;
  ByteReader(const ByteReader&) = delete;
  ByteReader& operator=(const ByteReader&) = delete;
  virtual ~ByteReader() = default;
  /// Appends some bytes to `out`; false at the end.
  [[nodiscard]] virtual base::Result<bool> read(std::string& out) = 0;
};

[[nodiscard]] base::Result<std::unique_ptr<ByteReader>> open_bytes(const std::string& path);

}  // namespace tiercel::app
