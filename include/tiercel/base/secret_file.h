#pragma once

#include <optional>
#include <string>

namespace tiercel::base {

/// The one line of a file that holds a password or a token, without the line's end that editors
/// put there; nothing where it cannot be read, is empty, or has more lines.
[[nodiscard]] std::optional<std::string> read_secret(const std::string& path);

}  // namespace tiercel::base
