#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "tiercel/base/diagnostic.h"

namespace tiercel::rules {

/// Every diagnostic of rules files; names are stable.
enum class Code : std::uint8_t {
  kMissingFile,
  kUnreadableFile,
  kFileTooLarge,
  kFileIgnored,
  kFileSkipped,
  kBadYaml,
  kYamlTooLarge,
  kBadDocument,
  kBadItem,
  kUnknownItem,
  kUnknownKey,
  kMissingKey,
  kEmptyValue,
  kWrongShape,
  kBadValue,
  kUnknownPriority,
  kBadEngineVersion,
  kEngineTooOld,
  kBadPluginVersion,
  kPluginNamedTwice,
  kPluginNotThere,
  kPluginTooOld,
  kDeprecatedAppend,
  kDeprecatedToggle,
  kToggleWithoutEnabled,
  kUnknownRule,
  kUnknownMacroOrList,
  kAppendWithoutContent,
  kAppendAndOverride,
  kUnknownOverride,
  kBadOperation,
  kOverrideWithoutValue,
  kValueWithoutOverride,
  kSourceConflict,
  kUnknownSource,
  kForgottenSourceCondition,
  kForgottenSourceOutput,
  kExceptionFields,
  kExceptionComparison,
  kExceptionUnknownField,
  kExceptionValues,
  kExceptionRedefined,
  kExceptionNameTwice,
  kExceptionWithoutValues,
  kUnknownExceptionKey,
  kConditionSyntax,
  kConditionTooDeep,
  kConditionTooLarge,
  kUndefinedMacro,
  kMacroCycle,
  kInvalidMacroName,
  kInvalidListName,
  kUnusedMacro,
  kUnusedList,
  kUnsafeNaCheck,
  kPlainRegex,
  kConstantIsField,
  kConstantIsCall,
  kListInQuotes,
  kListAsValue,
  kAppendAfterOr,
  kTextOrder,
  kCount
};

/// One row: our stable name, the code Falco 0.44 gives (empty: our own advice or a
/// failure that has none), how bad it is, and what it means.
struct CodeRow {
  Code code;
  std::string_view name;
  std::string_view falco_code;
  base::Severity severity;
  std::string_view doc;
};

/// Rows in the order of the enumerators.
extern const std::array<CodeRow, static_cast<std::size_t>(Code::kCount)> kCodes;

[[nodiscard]] const CodeRow& row_of(Code code);

/// A diagnostic with code, falco_code and severity of the row.
[[nodiscard]] base::Diagnostic diagnostic_of(Code code, std::string message);

}  // namespace tiercel::rules
