#pragma once

#include <string>
#include <string_view>

namespace tiercel::app {

inline constexpr std::string_view kVersion = TIERCEL_VERSION;
/// The Falco whose rule language and answers these are.
inline constexpr std::string_view kFalcoVersion = "0.44.1";
inline constexpr std::string_view kEngineVersion = "0.62.0";

/// The object that /versions and `--version` with JSON give; falcoctl reads it.
[[nodiscard]] std::string version_json(std::string_view rules_hash);
/// What `--version` prints.
[[nodiscard]] std::string version_text();

}  // namespace tiercel::app
