#include "families.h"
#include "scalar.h"

namespace tiercel::config {

namespace {

using Include = ProcessSettings::Include;

constexpr std::string_view kIncludesSchema = R"({"type": ["array", "string"], "items": {"anyOf": [
  {"type": "string"},
  {"type": "object", "properties": {"path": {"type": "string"},
     "strategy": {"enum": ["append", "override", "add-only"]}},
   "required": ["path"], "additionalProperties": false}]}})";

// The merging itself is done before options are read; here the entries are checked.
void read_include(const Node& item, std::vector<Include>& out, Reporter& reporter) {
  if (item.is_scalar()) {
    out.push_back({item.text, "append"});
    return;
  }
  if (!check_members(item, "an element of 'config_files'", {"path", "strategy"}, reporter)) {
    return;
  }
  const Node* const path = item.find("path");
  if (path == nullptr) {
    reporter.error(Code::kBadInclude, item.place, "an element of 'config_files' needs a path");
    return;
  }
  Include include;
  if (const std::string* const text = take_text(*path, "'path'", reporter)) {
    include.path = *text;
  }
  if (const Node* const strategy = item.find("strategy")) {
    if (const std::string* const text = take_text(*strategy, "'strategy'", reporter)) {
      include.strategy = *text;
    }
  }
  out.push_back(std::move(include));
}

std::string print_includes(const std::vector<Include>& includes) {
  std::string out = "[";
  for (const Include& include : includes) {
    out += out.size() == 1 ? "" : ", ";
    out += include.strategy == "append"
               ? json_text(include.path)
               : "{\"path\": " + json_text(include.path) +
                     ", \"strategy\": " + json_text(include.strategy) + "}";
  }
  return out + "]";
}

}  // namespace

void describe_files(Schema& schema, Settings& settings) {
  Section<ProcessSettings> s(schema, "", settings.process);
  Custom includes;
  includes.type = "list of path or {path, strategy}";
  includes.json_schema = kIncludesSchema;
  includes.read = [&settings](const Node& node, Reporter& reporter) {
    settings.process.config_files.clear();
    if (node.is_scalar()) {
      settings.process.config_files.push_back({node.text, "append"});
      return;
    }
    if (!node.is_sequence()) {
      reporter.error(Code::kWrongType, node.place, "'config_files' is a list, not a map");
      return;
    }
    for (const Node& item : node.items) {
      read_include(item, settings.process.config_files, reporter);
    }
  };
  includes.print = [&settings] { return print_includes(settings.process.config_files); };
  s.custom("config_files", std::move(includes),
           "Files and folders merged into this one, in order; strategy append adds to lists and "
           "replaces all else, override replaces lists too, add-only never replaces. A section is "
           "replaced whole.")
      .example("[/etc/tiercel/config.d]")
      .live();
  s.option("watch_config_files", &ProcessSettings::watch_config_files,
           "Reload when this file, one of config_files or one of rules_files has changed and was "
           "then left alone for half a second; looked at once a second, so that network file "
           "systems and Kubernetes' volumes are seen too. SIGHUP reloads in any case.")
      .live();
}

Schema describe(Settings& settings) {
  Schema schema;
  describe_files(schema, settings);
  describe_rules(schema, settings);
  describe_webserver(schema, settings);
  describe_admin(schema, settings);
  describe_plugins(schema, settings);
  describe_outputs(schema, settings);
  describe_routing(schema, settings);
  describe_alerts(schema, settings);
  describe_store(schema, settings);
  describe_sources(schema, settings);
  describe_watch(schema, settings);
  describe_quarantine(schema, settings);
  describe_limits(schema, settings);
  describe_log(schema, settings);
  return schema;
}

}  // namespace tiercel::config
