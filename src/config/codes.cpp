#include "tiercel/config/codes.h"

namespace tiercel::config {

const std::array<CodeRow, static_cast<std::size_t>(Code::kCount)> kCodes{{
    {Code::kUnreadableFile, "unreadable_file", "A configuration file cannot be read."},
    {Code::kFileTooLarge, "file_too_large", "A configuration file is larger than 1 MiB."},
    {Code::kTooDeep, "too_deep", "Maps and lists are nested deeper than 64 levels."},
    {Code::kTooManyNodes, "too_many_nodes",
     "The configuration has more than 100000 values, those that aliases repeat included."},
    {Code::kBadYaml, "bad_yaml", "A file is not well-formed YAML."},
    {Code::kDuplicateKey, "duplicate_key", "A map holds the same key twice."},
    {Code::kNotAMap, "not_a_map", "A configuration file must hold a map."},
    {Code::kLaterDocument, "later_document",
     "Only the first YAML document of a file is read; another one follows."},
    {Code::kBadEnvironment, "bad_environment",
     "${{NAME}} expands to a single brace, which nobody means."},
    {Code::kBadInclude, "bad_include", "An entry of config_files cannot be merged."},
    {Code::kUnknownStrategy, "unknown_strategy",
     "A strategy of config_files is not known; append is used."},
    {Code::kSectionReplaced, "section_replaced",
     "An included file replaces a whole section, whose other keys return to their defaults."},
    {Code::kBadOverride, "bad_override", "A word after -o cannot be applied."},
    {Code::kUnknownKey, "unknown_key", "No option has this name."},
    {Code::kWrongType, "wrong_type", "The value is not of the option's type."},
    {Code::kOutOfBounds, "out_of_bounds", "The value is smaller or larger than allowed."},
    {Code::kBadValue, "bad_value", "The value is of the right type and makes no sense."},
    {Code::kConflict, "conflict", "Two options contradict each other."},
    {Code::kIgnoredKeys, "ignored_keys", "Keys of Falco that have no effect here."},
    {Code::kRefusedKey, "refused_key",
     "A key of Falco that cannot be honoured; ignoring it would lose events."},
    {Code::kDeprecatedKey, "deprecated_key", "An old name; it still works."},
    {Code::kNotThereYet, "not_there_yet", "Asks for something that does not exist yet."},
    {Code::kBadPlugin, "bad_plugin", "An entry of plugins cannot be used."},
    {Code::kLoopbackOnly, "loopback_only",
     "Without listen_address only this host can send audit events."},
    {Code::kAdminRemote, "admin_remote",
     "Others than this host can reach the admin port, which asks nobody who they are."},
    {Code::kNoOutput, "no_output", "No output is enabled, so alerts would go nowhere."},
    {Code::kNoSource, "no_source", "Nothing is configured that audit events could come from."},
}};

std::string_view to_text(Code code) { return kCodes[static_cast<std::size_t>(code)].name; }

}  // namespace tiercel::config
