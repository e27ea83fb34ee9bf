#pragma once

#include <cstdint>

namespace tiercel::api {

/// What the system says of this process.
struct ProcessFigures {
  double cpu_seconds = 0;
  double start_time = 0;  ///< seconds since 1970
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t threads = 0;
  std::uint64_t open_files = 0;
  std::uint64_t most_files = 0;
};
[[nodiscard]] ProcessFigures process_figures();

}  // namespace tiercel::api
