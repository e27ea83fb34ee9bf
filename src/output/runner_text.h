#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace tiercel::output {

/// "450 ms", "12 s", "7 min", "3 h": for people.
[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);

}  // namespace tiercel::output
