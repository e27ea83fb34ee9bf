#pragma once

#include <string_view>

#include "tiercel/audit/document.h"

namespace tiercel::audit {

/// The code of BadInput for bytes that are no document.
[[nodiscard]] std::string_view problem_of(ParseStatus status);
/// What such a code means, for BadInput::message.
[[nodiscard]] std::string_view describe_problem(std::string_view code);

}  // namespace tiercel::audit
