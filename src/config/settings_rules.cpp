#include "families.h"
#include "scalar.h"

namespace tiercel::config {

namespace {

using Step = RulesSettings::Step;

constexpr std::string_view kRulesSchema = R"({"type": "array", "items": {"type": "object",
  "properties": {
    "enable": {"type": "object", "properties": {"rule": {"type": "string"}, "tag": {"type": "string"}},
               "additionalProperties": false, "minProperties": 1},
    "disable": {"type": "object", "properties": {"rule": {"type": "string"}, "tag": {"type": "string"}},
                "additionalProperties": false, "minProperties": 1}},
  "additionalProperties": false, "minProperties": 1, "maxProperties": 1}})";

void read_step(const Node& item, std::vector<Step>& steps, Reporter& reporter) {
  if (!check_members(item, "an element of 'rules'", {"enable", "disable"}, reporter)) {
    return;
  }
  if (item.members.size() != 1) {
    reporter.error(Code::kBadValue, item.place,
                   "an element of 'rules' holds one of enable and disable",
                   {"for example: - disable: {rule: \"*\"}"});
    return;
  }
  const Member& what = item.members.front();
  if (!check_members(what.value, "'" + what.key + "'", {"rule", "tag"}, reporter)) {
    return;
  }
  Step step;
  step.enable = what.key == "enable";
  if (const Node* const rule = what.value.find("rule")) {
    if (const std::string* const text = take_text(*rule, "'rule'", reporter)) {
      step.rule = *text;
    }
  }
  if (const Node* const tag = what.value.find("tag")) {
    if (const std::string* const text = take_text(*tag, "'tag'", reporter)) {
      step.tag = *text;
    }
  }
  if (what.value.members.empty()) {
    reporter.error(Code::kBadValue, what.place, "'" + what.key + "' names neither a rule nor a tag",
                   {"rule: \"*\" means every rule"});
  }
  steps.push_back(std::move(step));
}

void read_steps(const Node& node, std::vector<Step>& steps, Reporter& reporter) {
  if (!node.is_sequence()) {
    reporter.error(Code::kRefusedKey, node.place,
                   "'rules' is a list, not " + std::string(kind_text(node)),
                   {"Falco ignores this silently; write a list: - disable: {rule: NAME}"});
    return;
  }
  steps.clear();
  for (const Node& item : node.items) {
    if (reporter.is_full()) {
      return;
    }
    read_step(item, steps, reporter);
  }
}

std::string print_steps(const std::vector<Step>& steps) {
  std::string out = "[";
  for (const Step& step : steps) {
    out += out.size() == 1 ? "{" : ", {";
    out += step.enable ? "\"enable\": {" : "\"disable\": {";
    if (step.rule) {
      out += "\"rule\": " + json_text(*step.rule);
    }
    if (step.tag) {
      out += (step.rule ? ", \"tag\": " : "\"tag\": ") + json_text(*step.tag);
    }
    out += "}}";
  }
  return out + "]";
}

}  // namespace

void describe_rules(Schema& schema, Settings& settings) {
  Section<RulesSettings> s(schema, "", settings.rules);
  s.option("rules_files", &RulesSettings::files,
           "Rules files and folders, read in this order; a folder gives its .yaml and .yml files "
           "sorted by name.")
      .live()
      .example("[/etc/tiercel/k8s_audit_rules.yaml, /etc/tiercel/rules.d]");
  s.option("rules_file", &RulesSettings::files, "Old name of rules_files.")
      .live()
      .deprecated("rules_files");
  Custom selection;
  selection.type = "list of {enable or disable: {rule, tag}}";
  selection.json_schema = kRulesSchema;
  selection.read = [&settings](const Node& node, Reporter& reporter) {
    read_steps(node, settings.rules.selection, reporter);
  };
  selection.print = [&settings] { return print_steps(settings.rules.selection); };
  s.custom("rules", std::move(selection),
           "Which rules to enable or disable, applied in order after all files are loaded; in a "
           "rule's name * stands for any text.")
      .live()
      .example("[{disable: {rule: \"*\"}}, {enable: {tag: k8s}}]");
  s.choice_any_case<base::Priority>("priority", &RulesSettings::priority,
                                    {{"emergency", base::Priority::kEmergency},
                                     {"alert", base::Priority::kAlert},
                                     {"critical", base::Priority::kCritical},
                                     {"error", base::Priority::kError},
                                     {"warning", base::Priority::kWarning},
                                     {"notice", base::Priority::kNotice},
                                     {"informational", base::Priority::kInformational},
                                     {"info", base::Priority::kInformational},
                                     {"debug", base::Priority::kDebug}},
                                    "Rules less severe than this are not loaded.")
      .live();
  s.choice_any_case<RulesSettings::Matching>(
       "rule_matching", &RulesSettings::matching,
       {{"first", RulesSettings::Matching::kFirst}, {"all", RulesSettings::Matching::kAll}},
       "Whether an event gives the alert of the first rule "
       "that matches or the alerts of all that do.")
      .live();
}

}  // namespace tiercel::config
