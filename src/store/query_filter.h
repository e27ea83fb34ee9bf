#pragma once

#include <string_view>

#include "tiercel/store/history.h"

namespace tiercel::store {

/// Whether the alert is one that the query asks for; the limit is not looked at.
[[nodiscard]] bool is_asked_for(const Query& query, const StoredAlert& alert);
/// `*` in the pattern stands for any run. Linear in the text for each star.
[[nodiscard]] bool matches_glob(std::string_view pattern, std::string_view text);

}  // namespace tiercel::store
