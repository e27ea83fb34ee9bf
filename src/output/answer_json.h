#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

namespace tiercel::output {

/// A peer's answer as JSON; null where it is none, or nested deeper than any peer's answer is:
/// nlohmann copies, prints and compares by recursion.
[[nodiscard]] nlohmann::json parse_answer(std::string_view text);

}  // namespace tiercel::output
