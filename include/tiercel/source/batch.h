#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/audit/decode.h"
#include "tiercel/base/error.h"

namespace tiercel::source {

/// One request body, or one window of a large one.
struct Batch {
  /// The bytes, followed by audit::kPadding more that the parser may read:
  /// bytes.size() == size + kPadding.
  std::vector<char> bytes;
  std::size_t size = 0;
  audit::BatchForm form = audit::BatchForm::kBody;
  std::int64_t arrival = 0;   ///< nanoseconds since the epoch
  std::string_view source;    ///< "webhook", "file"
  std::string peer;           ///< address of the sender, for reports
  std::uint64_t request = 0;  ///< running number, for reports

  [[nodiscard]] std::string_view view() const { return {bytes.data(), size}; }
};

}  // namespace tiercel::source
