#pragma once

#include <optional>
#include <string_view>

#include "tiercel/base/arena.h"

namespace tiercel::condition {

/// Decodes standard base64; the padding may be missing. The result lives in the
/// arena and is cut at its first NUL, as every text is. Nothing for invalid input.
[[nodiscard]] std::optional<std::string_view> decode_base64(std::string_view text,
                                                            base::Arena& arena);

}  // namespace tiercel::condition
