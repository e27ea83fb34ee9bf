#pragma once

#include <string_view>

namespace tiercel::alert {

/// False when no pattern can match anywhere in `text`, JSON or not, decoded once or more:
/// what most values are. About a nanosecond a byte; takes nothing from the heap.
[[nodiscard]] bool may_hold_credential(std::string_view text);

/// The same for what redact_shapes() looks for: tokens, keys, hashes, passwords in addresses.
[[nodiscard]] bool may_hold_shape(std::string_view text);

}  // namespace tiercel::alert
