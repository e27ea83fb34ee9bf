#pragma once

#include <string>

#include "tiercel/base/error.h"

namespace tiercel::app {

/// The text of an audit policy. An error where it cannot be read, or is longer than any is.
[[nodiscard]] base::Result<std::string> read_policy_file(const std::string& path);

}  // namespace tiercel::app
