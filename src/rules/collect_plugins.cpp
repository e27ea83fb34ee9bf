#include <array>
#include <unordered_set>
#include <utility>

#include "collector.h"
#include "versions.h"

namespace tiercel::rules {

namespace {

std::optional<PluginRequirement::Choice> read_choice(Item& item) {
  item.require({"name", "version"});
  const NodePtr name = item.text("name");
  const NodePtr version = item.text("version");
  if (name == nullptr || version == nullptr) {
    return std::nullopt;
  }
  const std::optional<Version> parsed = parse_version(version->text);
  if (!parsed) {
    item.report(Code::kBadPluginVersion, version->origin,
                "the version '" + version->text + "' of plugin '" + name->text +
                    "' must be three numbers with dots, such as 0.18.0");
    return std::nullopt;
  }
  return PluginRequirement::Choice{name->text, *parsed, name->origin};
}

void check_names(Item& item, const PluginRequirement& requirement) {
  std::unordered_set<std::string> names;
  for (const PluginRequirement::Choice& choice : requirement.choices) {
    if (!names.insert(choice.name).second) {
      item.report(Code::kPluginNamedTwice, choice.origin,
                  "plugin '" + choice.name + "' stands twice in one requirement");
    }
  }
}

}  // namespace

void Collector::collect_plugin_versions(Item item) {
  static constexpr std::array<std::string_view, 1> kKeys{"required_plugin_versions"};
  item.warn_unknown_keys(kKeys);
  item.enter("required_plugin_versions");
  const NodePtr all = item.sequence("required_plugin_versions");
  if (all == nullptr) {
    return;
  }
  const auto map_item = [&](const NodePtr& node) -> std::optional<Item> {
    if (!node->is_map()) {
      item.report(Code::kWrongShape, node->origin,
                  "a required plugin must be a map with name and version, not " +
                      std::string(kind_name(*node)));
      return std::nullopt;
    }
    return Item(node, reporter_, item.within());
  };
  for (const NodePtr& node : all->items) {
    std::optional<Item> entry = map_item(node);
    if (!entry) {
      continue;
    }
    PluginRequirement requirement;
    if (auto choice = read_choice(*entry)) {
      requirement.choices.push_back(std::move(*choice));
    }
    const NodePtr alternatives = entry->sequence("alternatives");
    for (std::size_t at = 0; alternatives != nullptr && at < alternatives->items.size(); ++at) {
      std::optional<Item> alternative = map_item(alternatives->items[at]);
      auto choice = alternative ? read_choice(*alternative) : std::nullopt;
      if (choice) {
        requirement.choices.push_back(std::move(*choice));
      }
    }
    check_names(*entry, requirement);
    if (!requirement.choices.empty()) {
      definitions_.plugins.push_back(std::move(requirement));
    }
  }
}

}  // namespace tiercel::rules
