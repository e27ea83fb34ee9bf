#include "families.h"

namespace tiercel::config {

void describe_alerts(Schema& schema, Settings& settings) {
  Section<AlertSettings> s(schema, "", settings.alerts);
  s.option("json_output", &AlertSettings::json_output, "Write alerts as JSON instead of text.")
      .live();
  s.option("json_include_output_property", &AlertSettings::json_include_output,
           "JSON alerts have the member output: the text alert.")
      .live();
  s.option("json_include_message_property", &AlertSettings::json_include_message,
           "JSON alerts have the member message: the text alert without time and priority.")
      .live();
  s.option("json_include_output_fields_property", &AlertSettings::json_include_output_fields,
           "JSON alerts have the member output_fields: the fields that the output names. Those of "
           "kind http always have it: falcosidekick refuses an alert without.")
      .live();
  s.option("json_include_tags_property", &AlertSettings::json_include_tags,
           "JSON alerts have the member tags: the rule's tags.")
      .live();
  s.option("json_include_alert_id_property", &AlertSettings::json_include_alert_id,
           "JSON alerts have the member alert_id, the same when a batch is sent again.")
      .live();
  s.option("json_include_apiserver_property", &AlertSettings::json_include_apiserver,
           "JSON alerts have the member apiserver: the address that the event came from, the "
           "followed log, the socket, or stdin.")
      .live();
  s.option("json_include_rules_hash_property", &AlertSettings::json_include_rules_hash,
           "JSON alerts have the member rules_hash, which names the rule set that made them as "
           "GET /versions and the log do.")
      .live();
  s.option("time_format_iso_8601", &AlertSettings::time_format_iso_8601,
           "Write times of text alerts and of the log as ISO 8601 in UTC instead of local time.")
      .live();
  s.option("text_escape_control_characters", &AlertSettings::escape_control_characters,
           "Escape control characters and invalid UTF-8 in text alerts, so that no value can forge "
           "a line; false writes the bytes as Falco 0.44 does.")
      .live();
  s.option("redact", &AlertSettings::redact,
           "Mask what looks like a credential when an alert is made: data of Secrets, tokens, "
           "passwords in arguments; rules see the event as it came. The list is in "
           "/usr/share/tiercel/rules/redaction.md.")
      .live();
  s.custom("append_output", append_output_option(settings.alerts),
           "What to add to the alerts of all rules, or of those that match; applied in order.")
      .live()
      .example("[{match: {source: k8s_audit}, extra_output: \"agent=%ka.useragent\"}]");
  s.option("static_fields", &AlertSettings::static_fields,
           "Texts that rules and outputs can use as the fields static.NAME.")
      .live()
      .example("{cluster: production}");
}

}  // namespace tiercel::config
