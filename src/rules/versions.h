#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "definitions.h"

namespace tiercel::rules {

/// Three numbers with dots at the start of `text`; what follows is ignored.
[[nodiscard]] std::optional<Version> parse_version(std::string_view text);
/// A number N, which means 0.N.0, or parse_version.
[[nodiscard]] std::optional<Version> parse_engine_version(std::string_view text);
[[nodiscard]] std::string to_text(const Version& version);
/// True when something of version `have` may stand where `need` is required: the
/// same major number and nothing older.
[[nodiscard]] bool satisfies(const Version& have, const Version& need);

}  // namespace tiercel::rules
