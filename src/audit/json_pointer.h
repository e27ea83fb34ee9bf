#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tiercel/audit/json.h"

namespace tiercel::audit {

/// The decoded parts of a pointer as jevt.value takes it: one leading slash is
/// optional, in each part ~1 is a slash and ~0 a tilde. Empty for the empty pointer,
/// which is the whole event.
[[nodiscard]] std::vector<std::string> split_pointer(std::string_view pointer);

/// The value that the parts lead to from `from`; missing when they lead nowhere.
[[nodiscard]] Json follow_pointer(Json from, const std::vector<std::string>& parts);

}  // namespace tiercel::audit
