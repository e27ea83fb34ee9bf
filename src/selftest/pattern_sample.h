#pragma once

#include <string>
#include <string_view>

#include "needs.h"

namespace tiercel::selftest {

/// A short text that a regular expression of RE2's POSIX syntax should match; of what is not
/// understood (anchors, word borders) nothing is made, and the evaluator has the last word.
[[nodiscard]] std::string sample_of_regex(std::string_view pattern, Choices& choices);
/// The same of a shell pattern: what stands for any run is left out.
[[nodiscard]] std::string sample_of_glob(std::string_view pattern);

}  // namespace tiercel::selftest
