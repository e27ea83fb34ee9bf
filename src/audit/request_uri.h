#pragma once

#include <optional>
#include <string_view>

#include "tiercel/base/arena.h"

namespace tiercel::audit {

/// The query of a request URI by the rules of Go's URL reader, which Falco's plugin
/// uses: empty without one, nullopt when the URI as a whole cannot be read.
[[nodiscard]] std::optional<std::string_view> uri_query(std::string_view uri);

/// The decoded value of the first parameter of this name; nullopt when there is none
/// or when any piece of the query is malformed.
[[nodiscard]] std::optional<std::string_view> query_parameter(std::string_view query,
                                                              std::string_view name,
                                                              base::Arena& arena);

}  // namespace tiercel::audit
