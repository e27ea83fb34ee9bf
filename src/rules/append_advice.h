#pragma once

#include <string_view>

namespace tiercel::rules {

/// True when the text of a condition has `or` outside all parentheses and quotes.
/// Works on text because lists are substituted only later.
[[nodiscard]] bool has_alternatives(std::string_view condition);
/// True when the first word is `and`.
[[nodiscard]] bool starts_with_and(std::string_view condition);

}  // namespace tiercel::rules
