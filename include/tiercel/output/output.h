#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "tiercel/base/error.h"
#include "tiercel/config/settings.h"

namespace tiercel::output {

/// Where alerts go. Takes whole lines, newline included, and returns when they have been
/// handed to the system (nothing stays in a buffer of ours).
///
/// Runs on: the store's thread.
class Output {
 public:
  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  virtual ~Output() = default;

  /// Makes sure that write() can work; called once at start, so that a wrong path is a
  /// start-up error.
  [[nodiscard]] virtual base::Result<void> open() = 0;
  /// Writes all chunks, each made of whole lines. On failure a line is never left half
  /// written where the system lets us take it back.
  [[nodiscard]] virtual base::Result<void> write(std::span<const std::string_view> chunks) = 0;
  /// Closes and opens again (SIGUSR1).
  [[nodiscard]] virtual base::Result<void> reopen() { return {}; }
};

/// One row: all there is to say about a kind of output.
struct OutputType {
  std::string_view name;
  std::string_view doc;
  bool (*enabled)(const config::OutputSettings& settings);
  std::unique_ptr<Output> (*make)(const config::OutputSettings& settings);
};

/// Every kind of output, in the order in which alerts are written to them.
[[nodiscard]] std::span<const OutputType* const> output_types();

}  // namespace tiercel::output
