#pragma once

#include <optional>
#include <string_view>

#include "reporter.h"

namespace tiercel::condition {
struct Operator;
}

namespace tiercel::rules {

/// An entry of an exception's `comps`: an operator, perhaps with a modifier.
struct Comparison {
  const condition::Operator* op = nullptr;
  bool has_modifier = false;
  /// Values are written in parentheses: a list operator, or a modifier.
  bool takes_list = false;
};

/// Nothing when the text is no operator that takes a value.
[[nodiscard]] std::optional<Comparison> parse_comparison(std::string_view text);
/// The nearest operator, as a note.
[[nodiscard]] Reporter::Texts suggest_operator(std::string_view text);

}  // namespace tiercel::rules
