#pragma once

#include <string_view>

namespace tiercel::rules {

/// A letter, then letters, digits and underscores.
[[nodiscard]] bool is_macro_name(std::string_view name);
/// No white space, parentheses, quotes, `=` or `,`.
[[nodiscard]] bool is_list_name(std::string_view name);
/// A character beside which the name of a list counts as a word: white space,
/// parentheses, `,` and `=`; quotes are not among them.
[[nodiscard]] bool is_delimiter(char c);

}  // namespace tiercel::rules
