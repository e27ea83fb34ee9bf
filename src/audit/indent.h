#pragma once

#include <optional>
#include <string_view>

#include "tiercel/base/arena.h"

namespace tiercel::audit {

/// The JSON document indented by two blanks a level, as jevt.obj prints it; nullopt
/// when it is not strict JSON (a raw control character in a string, an unknown
/// escape, a word or number that JSON does not know).
/// DIFFERS FROM FALCO: nullopt too when the result would be longer than 64 MiB, which
/// a small but deeply nested event can make it.
[[nodiscard]] std::optional<std::string_view> indent_json(std::string_view json,
                                                          base::Arena& arena);

}  // namespace tiercel::audit
