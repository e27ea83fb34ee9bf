#pragma once

#include <string>
#include <string_view>

namespace tiercel::base {

/// What a peer or a system said, for a log or a terminal: on one line, control characters as
/// blanks, and not longer than some hundred bytes.
[[nodiscard]] std::string one_line(std::string_view text);

}  // namespace tiercel::base
