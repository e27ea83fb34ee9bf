#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/condition/reference.h"

namespace tiercel::app {

/// One table of the condition language's reference.
struct ReferencePart {
  std::string_view title;
  std::string_view key;  ///< in JSON
  std::vector<condition::ReferenceRow> rows;
};

/// Operators, modifiers, transformers.
[[nodiscard]] std::array<ReferencePart, 3> language_reference();
/// The same as Markdown tables.
[[nodiscard]] std::string language_markdown();

}  // namespace tiercel::app
