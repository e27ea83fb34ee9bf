#include "tiercel/rules/codes.h"

#include <utility>

namespace tiercel::rules {

namespace {

constexpr auto kError = base::Severity::kError;
constexpr auto kWarning = base::Severity::kWarning;
constexpr auto kNote = base::Severity::kNote;

constexpr std::string_view kFileRead = "LOAD_ERR_FILE_READ";
constexpr std::string_view kYamlParse = "LOAD_ERR_YAML_PARSE";
constexpr std::string_view kYamlValidate = "LOAD_ERR_YAML_VALIDATE";
constexpr std::string_view kValidate = "LOAD_ERR_VALIDATE";
constexpr std::string_view kCompileCondition = "LOAD_ERR_COMPILE_CONDITION";
constexpr std::string_view kCompileOutput = "LOAD_ERR_COMPILE_OUTPUT";
constexpr std::string_view kDeprecated = "LOAD_DEPRECATED_ITEM";
constexpr std::string_view kAdvice = "LOAD_COMPILE_CONDITION";
constexpr std::string_view kOurs = "";

}  // namespace

const std::array<CodeRow, static_cast<std::size_t>(Code::kCount)> kCodes{{
    {Code::kMissingFile, "missing_file", kFileRead, kError,
     "A rules file or folder that was asked for does not exist."},
    {Code::kUnreadableFile, "unreadable_rules", kFileRead, kError,
     "A rules file or folder cannot be read."},
    {Code::kFileTooLarge, "rules_too_large", kFileRead, kError,
     "A rules file is larger than 64 MiB."},
    {Code::kFileIgnored, "file_ignored", kOurs, kWarning,
     "A file is not read because its name ends neither in .yaml nor in .yml."},
    {Code::kFileSkipped, "file_skipped", kOurs, kNote,
     "A configured rules file or folder does not exist and is skipped."},
    {Code::kBadYaml, "bad_rules_yaml", kYamlParse, kError, "A file is not well-formed YAML."},
    {Code::kYamlTooLarge, "yaml_too_large", kYamlParse, kError,
     "A file has more than a million values, those that aliases repeat included."},
    {Code::kBadDocument, "bad_document", kYamlValidate, kError,
     "A YAML document of a rules file is not a sequence of items."},
    {Code::kBadItem, "bad_item", kYamlValidate, kError,
     "An item of a rules file is not a map with text keys."},
    {Code::kUnknownItem, "unknown_item", "LOAD_UNKNOWN_ITEM", kWarning,
     "An item is neither a rule, a macro, a list nor a required version; it is skipped."},
    {Code::kUnknownKey, "unknown_rule_key", "LOAD_UNKNOWN_KEY", kWarning,
     "An item has a key that its kind does not know; the key is ignored."},
    {Code::kMissingKey, "missing_key", kYamlValidate, kError,
     "An item lacks a key that it must have."},
    {Code::kEmptyValue, "empty_value", kYamlValidate, kError,
     "A key has no value, or an empty text where there must be one."},
    {Code::kWrongShape, "wrong_shape", kYamlValidate, kError,
     "A value is a text, a sequence or a map where another of these must stand."},
    {Code::kBadValue, "bad_rule_value", kYamlValidate, kError,
     "A value is not one of those that its key takes."},
    {Code::kUnknownPriority, "unknown_priority", kYamlValidate, kError,
     "A rule's priority is none of the eight names."},
    {Code::kBadEngineVersion, "bad_engine_version", kYamlValidate, kError,
     "required_engine_version is neither a number nor three numbers with dots."},
    {Code::kEngineTooOld, "engine_too_old", kValidate, kError,
     "The rules need a newer or another major version of the rule engine."},
    {Code::kBadPluginVersion, "bad_plugin_version", kValidate, kError,
     "A required plugin version is not three numbers with dots."},
    {Code::kPluginNamedTwice, "plugin_named_twice", kValidate, kError,
     "A plugin stands twice among a requirement and its alternatives."},
    {Code::kPluginNotThere, "plugin_not_there", kOurs, kError,
     "The rules need a plugin that this program does not stand in for."},
    {Code::kPluginTooOld, "plugin_too_old", kOurs, kError,
     "The rules need another version of a plugin than this program stands in for."},
    {Code::kDeprecatedAppend, "deprecated_append", kDeprecated, kWarning,
     "The key append is an old form of override."},
    {Code::kDeprecatedToggle, "deprecated_toggle", kDeprecated, kWarning,
     "A rule item with only enabled is an old form of override."},
    {Code::kToggleWithoutEnabled, "toggle_without_enabled", kYamlValidate, kError,
     "A rule item has none of the keys that say what it is for."},
    {Code::kUnknownRule, "unknown_rule", kValidate, kError,
     "An item changes a rule that does not exist at that point."},
    {Code::kUnknownMacroOrList, "unknown_macro_or_list", kValidate, kError,
     "An item appends to a macro or list that does not exist at that point."},
    {Code::kAppendWithoutContent, "append_without_content", kValidate, kError,
     "An item appends to a rule and holds neither a condition nor exceptions."},
    {Code::kAppendAndOverride, "append_and_override", kYamlValidate, kError,
     "An item has both append and override."},
    {Code::kUnknownOverride, "unknown_override", kYamlValidate, kError,
     "override names a key that cannot be overridden."},
    {Code::kBadOperation, "bad_operation", kYamlValidate, kError,
     "override asks for an operation that does not exist or that the key does not allow."},
    {Code::kOverrideWithoutValue, "override_without_value", kYamlValidate, kError,
     "override names a key that the item does not hold."},
    {Code::kValueWithoutOverride, "value_without_override", kYamlValidate, kError,
     "An item with override holds a key that override does not name."},
    {Code::kSourceConflict, "source_conflict", kValidate, kError,
     "A rule is defined again, or changed, with another source than before."},
    {Code::kUnknownSource, "unknown_rule_source", "LOAD_UNKNOWN_SOURCE", kWarning,
     "A rule is for events that do not come here; it is skipped."},
    {Code::kForgottenSourceCondition, "forgotten_source", kCompileCondition, kError,
     "A rule for system calls has a condition over audit events: source: k8s_audit is missing."},
    {Code::kForgottenSourceOutput, "forgotten_source_output", kCompileOutput, kError,
     "A rule for system calls prints fields of audit events: source: k8s_audit is missing."},
    {Code::kExceptionFields, "exception_fields", kValidate, kError,
     "An exception has no fields, or lacks what a new exception needs."},
    {Code::kExceptionComparison, "exception_comparison", kValidate, kError,
     "The comps of an exception are not operators, or not as many as its fields."},
    {Code::kExceptionUnknownField, "exception_unknown_field", kValidate, kError,
     "An exception names a field that does not exist."},
    {Code::kExceptionValues, "exception_values", kValidate, kError,
     "The values of an exception have not the shape that its fields ask for."},
    {Code::kExceptionRedefined, "exception_redefined", kValidate, kError,
     "An appended exception repeats fields or comps of the one it adds to."},
    {Code::kExceptionNameTwice, "exception_name_twice", "LOAD_EXCEPTION_NAME_NOT_UNIQUE", kWarning,
     "Two exceptions of a rule have the same name; both apply."},
    {Code::kExceptionWithoutValues, "exception_without_values", "LOAD_APPEND_NO_VALUES", kWarning,
     "An appended exception has no values and so no effect."},
    {Code::kUnknownExceptionKey, "unknown_exception_key", kOurs, kWarning,
     "An exception has a key that exceptions do not know; the key is ignored."},
    {Code::kConditionSyntax, "condition_syntax", kCompileCondition, kError,
     "A condition is not written in the condition language."},
    {Code::kConditionTooDeep, "condition_too_deep", kCompileCondition, kError,
     "A condition is nested too deep, by itself or through its macros."},
    {Code::kConditionTooLarge, "condition_too_large", kCompileCondition, kError,
     "A condition grows too large when its lists and macros are written out."},
    {Code::kUndefinedMacro, "undefined_macro", kValidate, kError,
     "A condition names a macro that does not exist, or not at that point."},
    {Code::kMacroCycle, "macro_cycle", kValidate, kError,
     "A macro needs itself, directly or through other macros."},
    {Code::kInvalidMacroName, "invalid_macro_name", "LOAD_INVALID_MACRO_NAME", kWarning,
     "A macro has a name that no condition can refer to."},
    {Code::kInvalidListName, "invalid_list_name", "LOAD_INVALID_LIST_NAME", kWarning,
     "A list has a name with characters that a word in a condition cannot have."},
    {Code::kUnusedMacro, "unused_macro", "LOAD_UNUSED_MACRO", kWarning,
     "No rule and no other macro of this or an earlier file names the macro."},
    {Code::kUnusedList, "unused_list", "LOAD_UNUSED_LIST", kWarning,
     "No condition and no other list of this or an earlier file names the list."},
    {Code::kUnsafeNaCheck, "unsafe_na_check", "LOAD_UNSAFE_NA_CHECK", kWarning,
     "A field is compared with the text <NA>, which an absent field is not."},
    {Code::kPlainRegex, "plain_regex", kAdvice, kWarning,
     "A regular expression has no special characters; contains or = says the same faster."},
    {Code::kConstantIsField, "constant_is_field", kAdvice, kWarning,
     "A constant is the name of a field; val() reads the field."},
    {Code::kConstantIsCall, "constant_is_call", kAdvice, kWarning,
     "A quoted constant looks like a call of a transformer."},
    {Code::kListInQuotes, "list_in_quotes", kOurs, kWarning,
     "The name of a list stands between blanks in a quoted text and is replaced there."},
    {Code::kListAsValue, "list_as_value", kOurs, kWarning,
     "The name of a list stands where a single value does and is replaced there."},
    {Code::kAppendAfterOr, "append_after_or", kOurs, kWarning,
     "A text beginning with `and` is appended to alternatives and binds to the last only."},
    {Code::kTextOrder, "text_order", kOurs, kWarning,
     "An order comparison on a field that holds text compares text, not numbers."},
}};

const CodeRow& row_of(Code code) { return kCodes[static_cast<std::size_t>(code)]; }

base::Diagnostic diagnostic_of(Code code, std::string message) {
  const CodeRow& row = row_of(code);
  base::Diagnostic diagnostic;
  diagnostic.severity = row.severity;
  diagnostic.code = row.name;
  diagnostic.falco_code = row.falco_code;
  diagnostic.message = std::move(message);
  return diagnostic;
}

}  // namespace tiercel::rules
