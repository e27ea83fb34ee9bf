#pragma once

#include <string>
#include <string_view>

#include "tiercel/condition/expr.h"

namespace tiercel::rules {

/// The first `ka.`, `json.` or `jevt.` field that an output template prints; empty
/// where there is none.
[[nodiscard]] std::string audit_field_in_output(std::string_view output);
/// The same in a condition. Null where there is none.
[[nodiscard]] const condition::Term* audit_field_in_condition(const condition::Expr& tree);

}  // namespace tiercel::rules
