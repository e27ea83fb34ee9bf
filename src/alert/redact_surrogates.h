#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tiercel::alert {

/// The text with U+FFFD for each `\ud800`: half a character, which stays as it was written when a
/// string is decoded. Inside a credential it would look like its end. Nothing without any.
[[nodiscard]] std::optional<std::string> without_surrogates(std::string_view text);

}  // namespace tiercel::alert
