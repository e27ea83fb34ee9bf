#pragma once

namespace tiercel::audit {

/// Whether [begin, end) is a number, true, false or null, white space behind it
/// allowed. Numbers as Falco's reader takes them: any mix of digits, signs, dots and
/// exponents of any length, and the words nan and inf in any case.
[[nodiscard]] bool is_scalar(const char* begin, const char* end);

}  // namespace tiercel::audit
