#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tiercel::condition {

/// One line of the language's reference, made from the tables of operators and
/// transformers; `tiercel operators` and the documentation print it.
struct ReferenceRow {
  std::string_view name;
  std::vector<std::string> forms;  ///< how it is written: "field in (a, b)"
  std::string takes;               ///< "text, number"
  std::string gives;               ///< a transformer's result; empty for operators
  std::string_view since;          ///< the Falco release that has it first
  std::string_view doc;            ///< a sentence
};

[[nodiscard]] std::vector<ReferenceRow> operator_reference();
[[nodiscard]] std::vector<ReferenceRow> transformer_reference();
/// oneof, anyof, allof.
[[nodiscard]] std::vector<ReferenceRow> modifier_reference();

}  // namespace tiercel::condition
