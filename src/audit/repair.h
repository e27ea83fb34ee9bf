#pragma once

#include <string>
#include <string_view>

namespace tiercel::audit {

/// A copy of an item in which each raw control character inside a string is written
/// as \u00xx: Falco's reader accepts such strings, a strict one does not. `out` is
/// padded. False when there was nothing to mend.
[[nodiscard]] bool escape_control_characters(std::string_view item, std::string& out);

}  // namespace tiercel::audit
