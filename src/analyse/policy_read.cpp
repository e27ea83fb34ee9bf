// What kube-apiserver's pkg/audit/policy/reader.go and pkg/apis/audit/validation do.
#include <algorithm>
#include <utility>

#include "tiercel/analyse/policy.h"
#include "tiercel/base/nearest.h"
#include "tiercel/config/yaml.h"

namespace tiercel::analyse {

namespace {

using config::Code;
using config::Node;

constexpr std::array<std::string_view, 4> kLevels{"None", "Metadata", "Request", "RequestResponse"};
constexpr std::array<std::string_view, 4> kStageNames{"RequestReceived", "ResponseStarted",
                                                      "ResponseComplete", "Panic"};
constexpr std::size_t kMostRules = 1000;
constexpr std::size_t kMostGroupName = 253;

std::string joined(std::span<const std::string_view> names) {
  std::string out;
  for (const std::string_view name : names) {
    out += (out.empty() ? "" : ", ") + std::string(name);
  }
  return out;
}

bool is_label(std::string_view label) {
  const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !label.empty() && is_plain(label.front()) && is_plain(label.back()) &&
         std::all_of(label.begin(), label.end(), [&](char c) { return is_plain(c) || c == '-'; });
}

// A DNS subdomain, as an API group is.
bool is_group(std::string_view text) {
  if (text.size() > kMostGroupName) {
    return false;
  }
  while (true) {
    const std::size_t end = text.find('.');
    if (!is_label(text.substr(0, end))) {
      return false;
    }
    if (end == std::string_view::npos) {
      return true;
    }
    text.remove_prefix(end + 1);
  }
}

class Reader {
 public:
  Reader(const config::Sources& sources, config::Reporter& reporter)
      : sources_(sources), reporter_(reporter) {}

  void read(const Node& root, Policy& policy) {
    if (!root.is_map()) {
      error(root, "an audit policy is a map with apiVersion, kind and rules, this is " +
                      std::string(config::kind_text(root)));
      return;
    }
    check_head(root);
    check_keys(root, kTop);
    if (const Node* const stages = root.find("omitStages")) {
      policy.omitted = read_stages(*stages);
      policy.omitted_line = stages->place.line;
    }
    const bool omits = read_flag(root, "omitManagedFields").value_or(false);
    const Node* const rules = root.find("rules");
    if (rules == nullptr || !rules->is_sequence() || rules->items.empty()) {
      error(rules == nullptr ? root : *rules,
            "the policy has no rules: kube-apiserver refuses it and does not start",
            {"to record nothing, write one rule: - level: None"});
      return;
    }
    if (rules->items.size() > kMostRules) {
      error(*rules, "more than " + std::to_string(kMostRules) + " rules");
      return;
    }
    for (const Node& item : rules->items) {
      PolicyRule rule = read_rule(item);
      rule.omitted = static_cast<Stages>(rule.omitted | policy.omitted);
      rule.omit_managed_fields = read_flag(item, "omitManagedFields").value_or(omits);
      policy.end = rule.location;
      policy.rules.push_back(std::move(rule));
    }
  }

 private:
  static constexpr std::array<std::string_view, 6> kTop{
      "apiVersion", "kind", "metadata", "rules", "omitStages", "omitManagedFields"};
  static constexpr std::array<std::string_view, 9> kOfRule{
      "level",           "users",      "userGroups",       "verbs", "resources", "namespaces",
      "nonResourceURLs", "omitStages", "omitManagedFields"};
  static constexpr std::array<std::string_view, 3> kOfResources{"group", "resources",
                                                                "resourceNames"};

  void error(const Node& at, std::string message, config::Reporter::Notes notes = {}) {
    reporter_.error(Code::kBadValue, at.place, std::move(message), std::move(notes));
  }

  void check_head(const Node& root) {
    const Node* const version = root.find("apiVersion");
    if (version == nullptr || version->text != "audit.k8s.io/v1") {
      error(version == nullptr ? root : *version,
            version == nullptr
                ? "apiVersion is missing"
                : "kube-apiserver knows no apiVersion '" + version->text + "' of audit policies",
            {"write apiVersion: audit.k8s.io/v1"});
    }
    const Node* const kind = root.find("kind");
    if (kind == nullptr || kind->text != "Policy") {
      error(kind == nullptr ? root : *kind,
            kind == nullptr ? "kind is missing" : "this is of kind '" + kind->text + "'",
            {"write kind: Policy"});
    }
  }

  void check_keys(const Node& map, std::span<const std::string_view> known) {
    for (const config::Member& member : map.members) {
      if (std::find(known.begin(), known.end(), member.key) == known.end()) {
        const std::string_view nearest = base::nearest_name(member.key, known);
        reporter_.warning(Code::kUnknownKey, member.place,
                          "kube-apiserver skips over the unknown key '" + member.key + "'",
                          {nearest.empty() ? "known are " + joined(known)
                                           : "did you mean " + std::string(nearest) + "?"});
      }
    }
  }

  std::optional<bool> read_flag(const Node& map, std::string_view key) {
    const Node* const node = map.find(key);
    if (node == nullptr || node->is_null()) {
      return std::nullopt;
    }
    if (node->text != "true" && node->text != "false") {
      error(*node, std::string(key) + " is true or false");
    }
    return node->text == "true";
  }

  std::vector<std::string> read_texts(const Node& map, std::string_view key) {
    const Node* const node = map.find(key);
    std::vector<std::string> texts;
    if (node == nullptr || node->is_null()) {
      return texts;
    }
    if (!node->is_sequence()) {
      error(*node, std::string(key) + " is a list of texts, this is " +
                       std::string(config::kind_text(*node)));
      return texts;
    }
    for (const Node& item : node->items) {
      if (!item.is_scalar()) {
        error(item, "an entry of " + std::string(key) + " is a text, this is " +
                        std::string(config::kind_text(item)));
        continue;
      }
      texts.push_back(item.text);
    }
    return texts;
  }

  Stages read_stages(const Node& node) {
    Stages stages = 0;
    if (node.is_null()) {
      return stages;
    }
    if (!node.is_sequence()) {
      error(node, "omitStages is a list of stages");
      return stages;
    }
    for (const Node& item : node.items) {
      if (const auto stage = parse_stage(item.text)) {
        stages = static_cast<Stages>(stages | bit(*stage));
      } else {
        error(item, "there is no stage '" + item.text + "'", {"stages are " + joined(kStageNames)});
      }
    }
    return stages;
  }

  PolicyRule read_rule(const Node& node) {
    PolicyRule rule;
    rule.location = sources_.locate(node.place);
    rule.line = std::string(sources_.line(node.place));
    if (!node.is_map()) {
      error(node, "a rule is a map, this is " + std::string(config::kind_text(node)));
      return rule;
    }
    check_keys(node, kOfRule);
    const Node* const level = node.find("level");
    if (level == nullptr || level->text.empty()) {
      error(level == nullptr ? node : *level, "the rule has no level",
            {"levels are " + joined(kLevels)});
    } else if (const auto known = parse_level(level->text)) {
      rule.level = *known;
    } else {
      const std::string_view nearest = base::nearest_name(level->text, kLevels);
      error(*level, "there is no level '" + level->text + "'",
            {nearest.empty() ? "levels are " + joined(kLevels)
                             : "did you mean " + std::string(nearest) + "?"});
    }
    rule.users = read_texts(node, "users");
    rule.groups = read_texts(node, "userGroups");
    rule.verbs = read_texts(node, "verbs");
    rule.namespaces = read_texts(node, "namespaces");
    rule.urls = read_texts(node, "nonResourceURLs");
    if (const Node* const stages = node.find("omitStages")) {
      rule.omitted = read_stages(*stages);
    }
    read_resources(node, rule);
    check_urls(node, rule);
    return rule;
  }

  void read_resources(const Node& node, PolicyRule& rule) {
    const Node* const resources = node.find("resources");
    if (resources == nullptr || resources->is_null()) {
      return;
    }
    if (!resources->is_sequence()) {
      error(*resources, "resources is a list of maps with group and resources");
      return;
    }
    for (const Node& item : resources->items) {
      if (!item.is_map()) {
        error(item,
              "an entry of resources is a map with group and resources, this is " +
                  std::string(config::kind_text(item)),
              {"write - {group: \"\", resources: [pods]}"});
        continue;
      }
      check_keys(item, kOfResources);
      GroupResources one;
      const Node* const group = item.find("group");
      if (group != nullptr) {
        one.group = group->text;
        if (!one.group.empty() && !is_group(one.group)) {
          error(*group, "'" + one.group + "' is no API group",
                {"a group is written without a version: apps, networking.k8s.io, \"\" for core"});
        }
      }
      one.resources = read_texts(item, "resources");
      one.names = read_texts(item, "resourceNames");
      if (!one.names.empty() && one.resources.empty()) {
        error(item, "resourceNames needs at least one resource");
      }
      rule.resources.push_back(std::move(one));
    }
  }

  void check_urls(const Node& node, const PolicyRule& rule) {
    if (rule.urls.empty()) {
      return;
    }
    const Node& at = *node.find("nonResourceURLs");
    if (!rule.resources.empty() || !rule.namespaces.empty()) {
      error(at, "a rule cannot be about resources and nonResourceURLs at once",
            {"make two rules of it"});
    }
    for (std::size_t each = 0; each < rule.urls.size(); ++each) {
      const std::string& url = rule.urls[each];
      if (url == "*") {
        continue;
      }
      const Node& item = each < at.items.size() ? at.items[each] : at;
      if (!url.starts_with('/')) {
        error(item, "'" + url + "' does not begin with a slash");
      } else if (url.find('*') < url.size() - 1) {
        error(item, "in '" + url + "' the asterisk is not the last character");
      }
    }
  }

  const config::Sources& sources_;
  config::Reporter& reporter_;
};

}  // namespace

std::string_view to_text(Level level) { return kLevels[static_cast<std::size_t>(level)]; }
std::string_view to_text(Stage stage) { return kStageNames[static_cast<std::size_t>(stage)]; }

std::optional<Level> parse_level(std::string_view text) {
  const auto found = std::find(kLevels.begin(), kLevels.end(), text);
  return found == kLevels.end() ? std::nullopt
                                : std::optional(static_cast<Level>(found - kLevels.begin()));
}

std::optional<Stage> parse_stage(std::string_view text) {
  const auto found = std::find(kStageNames.begin(), kStageNames.end(), text);
  return found == kStageNames.end()
             ? std::nullopt
             : std::optional(static_cast<Stage>(found - kStageNames.begin()));
}

std::optional<Policy> read_policy(const std::string& name, std::string content,
                                  base::Diagnostics& diagnostics) {
  base::Diagnostics found;
  config::Sources sources;
  std::size_t nodes = 0;
  const config::YamlOptions options{sources.add({name, std::move(content)}), nullptr, &nodes};
  config::Reporter reporter(sources, found);
  const Node root = config::parse_yaml(sources, options, reporter);
  Policy policy;
  policy.file = name;
  if (!found.has_errors()) {
    Reader(sources, reporter).read(root, policy);
  }
  const bool is_good = !found.has_errors();
  diagnostics.append(std::move(found));
  return is_good ? std::optional(std::move(policy)) : std::nullopt;
}

}  // namespace tiercel::analyse
