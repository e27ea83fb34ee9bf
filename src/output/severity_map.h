#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "tiercel/base/error.h"
#include "tiercel/config/schema.h"

namespace tiercel::output {

/// What a peer calls each priority, emergency first.
using Severities = std::array<std::string, 8>;

/// `usual` with what the option `severity_map` says otherwise. An error names the entry whose name
/// is no priority (letters of either case), or whose severity is none of `known`; without `known`
/// any is right.
[[nodiscard]] base::Result<Severities> mapped_severities(
    const config::TextPairs& map, Severities usual, std::span<const std::string_view> known = {});

}  // namespace tiercel::output
