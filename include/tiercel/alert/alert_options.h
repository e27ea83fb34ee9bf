#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tiercel::alert {

/// One entry of `append_output`.
struct AppendOutput {
  std::optional<std::string> match_source;
  std::optional<std::string> match_rule;
  std::vector<std::string> match_tags;
  std::string extra_output;
  bool suggested_output = false;
  /// A raw field has `template_text` empty and `raw` true.
  struct ExtraField {
    std::string key;
    std::string template_text;
    bool raw = false;
  };
  std::vector<ExtraField> extra_fields;
};

/// How alerts are written; names and defaults as in falco.yaml.
struct AlertOptions {
  bool json_output = false;
  bool json_include_output_property = true;
  bool json_include_tags_property = true;
  bool json_include_message_property = false;
  bool json_include_output_fields_property = true;
  bool json_include_alert_id_property = true;    ///< ours
  bool json_include_apiserver_property = true;   ///< ours
  bool json_include_rules_hash_property = true;  ///< ours; no member where rules_hash is empty
  bool time_format_iso_8601 = false;
  /// Text alerts: escape control characters and invalid UTF-8 so that no value can
  /// forge a line (as Falco after 0.44.1); false writes 0.44.1's raw bytes.
  bool escape_text = true;
  /// Mask what looks like a credential in everything that is shown (rules/redaction.md);
  /// conditions see the event as it is.
  bool redact = false;
  std::vector<AppendOutput> append_output;
  std::string print_format;  ///< -p: appended to all templates
  std::vector<std::pair<std::string, std::string>> static_fields;
  std::string hostname;
  std::string rules_hash;  ///< of the rule set that the alerts are of
};

}  // namespace tiercel::alert
