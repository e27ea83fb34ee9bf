#pragma once

#include <string>

#include "tiercel/audit/field.h"
#include "tiercel/base/value.h"

namespace tiercel::alert {

/// Appends a value as a message shows it: lists in parentheses, absent as <NA>, nothing
/// quoted. `field` says how its numbers and texts are printed; null for the result of a
/// transformer.
void append_value_text(std::string& out, const base::Value& value, const audit::Field* field);

}  // namespace tiercel::alert
