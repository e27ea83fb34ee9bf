#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tiercel::config {

/// Every diagnostic of configuration; names are stable.
enum class Code : std::uint8_t {
  kUnreadableFile,
  kFileTooLarge,
  kTooDeep,
  kTooManyNodes,
  kBadYaml,
  kDuplicateKey,
  kNotAMap,
  kLaterDocument,
  kBadEnvironment,
  kBadInclude,
  kUnknownStrategy,
  kSectionReplaced,
  kBadOverride,
  kUnknownKey,
  kWrongType,
  kOutOfBounds,
  kBadValue,
  kConflict,
  kIgnoredKeys,
  kRefusedKey,
  kDeprecatedKey,
  kNotThereYet,
  kBadPlugin,
  kLoopbackOnly,
  kAdminRemote,
  kNoOutput,
  kNoSource,
  kCount
};

struct CodeRow {
  Code code;
  std::string_view name;
  std::string_view doc;
};

/// Rows in the order of the enumerators.
extern const std::array<CodeRow, static_cast<std::size_t>(Code::kCount)> kCodes;

[[nodiscard]] std::string_view to_text(Code code);

}  // namespace tiercel::config
