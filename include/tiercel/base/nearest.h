#pragma once

#include <span>
#include <string_view>

namespace tiercel::base {

/// The known name nearest to `name` by edit distance (transpositions count one),
/// or an empty view when none is near enough to be worth suggesting.
[[nodiscard]] std::string_view nearest_name(std::string_view name,
                                            std::span<const std::string_view> known);

}  // namespace tiercel::base
