#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "tiercel/base/error.h"

namespace tiercel::output {

/// The secret as configured, or where `path` names a file the text in it, without the line's
/// end that editors put there. Never empty where it comes from a file.
[[nodiscard]] base::Result<std::string> secret_of(const std::string& configured,
                                                  const std::string& path,
                                                  std::string_view file_option);

/// An error that names the first option whose file cannot be read; empty paths are passed over.
[[nodiscard]] base::Result<void> check_files(
    std::initializer_list<std::pair<std::string_view, std::string_view>> option_and_path);

}  // namespace tiercel::output
