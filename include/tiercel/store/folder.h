#pragma once

#include <string_view>

namespace tiercel::store {

/// The folder in StoreOptions::path that holds the segments.
inline constexpr std::string_view kFolderName = "alerts";

}  // namespace tiercel::store
