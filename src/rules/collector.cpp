#include "collector.h"

#include <array>
#include <utility>

#include "append_advice.h"
#include "names.h"
#include "trace_scalar.h"
#include "versions.h"

namespace tiercel::rules {

namespace {

constexpr std::array<std::string_view, 5> kKinds{
    "required_engine_version", "required_plugin_versions", "list", "macro", "rule"};
constexpr std::array<std::string_view, 4> kListKeys{"list", "items", "append", "override"};
constexpr std::array<std::string_view, 4> kMacroKeys{"macro", "condition", "append", "override"};
constexpr std::array<OverridableKey, 1> kListOverrides{{{"items", true}}};
constexpr std::array<OverridableKey, 1> kMacroOverrides{{{"condition", true}}};

Reporter::Texts nearest_kind(const Node& node) {
  for (const Member& member : node.members) {
    Reporter::Texts notes = suggestion(member.key, {kKinds.begin(), kKinds.end()});
    if (!notes.empty()) {
      return notes;
    }
  }
  return {
      "an item has one of the keys rule, macro, list, required_engine_version, "
      "required_plugin_versions"};
}

}  // namespace

void Collector::collect(const Documents& documents) {
  definitions_.incomplete = definitions_.incomplete || !documents.complete;
  for (const NodePtr& node : documents.items) {
    collect_item(node);
  }
}

void Collector::collect_item(const NodePtr& node) {
  if (!node->is_map()) {
    reporter_.report(
        Code::kBadItem, node->origin,
        "an item must be a map such as '- rule: name', not " + std::string(kind_name(*node)));
    return;
  }
  Item item(node, reporter_, {});
  // The first of these keys that is present decides.
  if (item.has("required_engine_version")) {
    collect_engine_version(std::move(item));
  } else if (item.has("required_plugin_versions")) {
    collect_plugin_versions(std::move(item));
  } else if (item.has("list")) {
    collect_list(std::move(item));
  } else if (item.has("macro")) {
    collect_macro(std::move(item));
  } else if (item.has("rule")) {
    collect_rule(std::move(item));
  } else {
    item.report(Code::kUnknownItem, node->origin, "an item of unknown kind; it is skipped",
                nearest_kind(*node));
  }
}

void Collector::collect_list(Item item) {
  const NodePtr name = item.text("list");
  if (name == nullptr) {
    return;
  }
  item.enter(labelled("list", name->text));
  item.warn_unknown_keys(kListKeys);
  if (!is_list_name(name->text)) {
    item.report(Code::kInvalidListName, name->origin,
                "a list's name must not hold blanks, quotes, parentheses, commas or '='");
  }
  item.require({"items"});
  const auto items = item.texts("items");
  const Overrides overrides = Overrides::read(item, kListOverrides);
  const bool append = read_append_flag(item, overrides) || overrides.appends("items");
  ListDefinition* list = definitions_.lists.find(name->text);
  if (append && list == nullptr && !may_be_missing(definitions_.lists, name->text)) {
    item.report(Code::kUnknownMacroOrList, name->origin,
                "no list '" + name->text + "' to append to; it must be defined before");
  }
  if (item.failed() || !items || (append && list == nullptr)) {
    definitions_.lists.mark_broken(name->text);
    return;
  }
  const std::uint32_t position = definitions_.counter++;
  if (list == nullptr) {
    list = &definitions_.lists.add({name->text, name->origin, {}, position, position});
  } else if (!append) {
    list->items.clear();
    list->origin = name->origin;
  }
  list->sees = position;
  for (const NodePtr& entry : *items) {
    list->items.push_back({entry->text, trace_scalar(files_, *entry).spot(0).origin});
    if (entry->text.empty()) {
      list->items.back().origin = entry->origin;
    }
  }
}

void Collector::collect_macro(Item item) {
  const NodePtr name = item.text("macro");
  if (name == nullptr) {
    return;
  }
  item.enter(labelled("macro", name->text));
  item.warn_unknown_keys(kMacroKeys);
  if (!is_macro_name(name->text)) {
    item.report(Code::kInvalidMacroName, name->origin,
                "no condition can refer to this name: it must be a letter, then letters, digits "
                "and underscores");
  }
  item.require({"condition"});
  const NodePtr condition = item.text("condition");
  const Overrides overrides = Overrides::read(item, kMacroOverrides);
  const bool append = read_append_flag(item, overrides) || overrides.appends("condition");
  MacroDefinition* macro = definitions_.macros.find(name->text);
  if (append && macro == nullptr && !may_be_missing(definitions_.macros, name->text)) {
    item.report(Code::kUnknownMacroOrList, name->origin,
                "no macro '" + name->text + "' to append to; it must be defined before");
  }
  if (item.failed() || condition == nullptr || (append && macro == nullptr)) {
    definitions_.macros.mark_broken(name->text);
    return;
  }
  const std::uint32_t position = definitions_.counter++;
  TracedText text = trace_scalar(files_, *condition);
  if (macro == nullptr) {
    definitions_.macros.add({name->text, name->origin, std::move(text), position, position});
    return;
  }
  macro->sees = position;
  if (append) {
    append_condition(item, macro->condition, text);
  } else {
    macro->origin = name->origin;
    macro->condition = std::move(text);
  }
}

void Collector::append_condition(Item& item, TracedText& to, const TracedText& more) {
  if (starts_with_and(more.text()) && has_alternatives(to.text())) {
    item.report(Code::kAppendAfterOr, more.trimmed().spot(0).origin,
                "the condition that this is appended to is a list of alternatives (or), and "
                "`and` binds to the last of them only",
                {"append is text, not grouping: put parentheses around the earlier condition, or "
                 "replace it"});
  }
  to.append(" ", more.spot(0), TracedText::Along::kAdded);
  to.append(more);
}

void Collector::collect_engine_version(Item item) {
  static constexpr std::array<std::string_view, 1> kKeys{"required_engine_version"};
  item.warn_unknown_keys(kKeys);
  const Member& member = *item.find("required_engine_version");
  const std::optional<Version> need =
      member.value->is_scalar() ? parse_engine_version(member.value->text) : std::nullopt;
  if (!need) {
    item.report(Code::kBadEngineVersion,
                member.value->is_null() ? member.key_origin : member.value->origin,
                "the version must be a number or three numbers with dots, such as 0.62.0");
    return;
  }
  const Version have = parse_version(options_.engine_version).value_or(Version{});
  if (!satisfies(have, *need)) {
    item.report(Code::kEngineTooOld, member.value->origin,
                "the rules need engine version " + to_text(*need) + "; this engine is version " +
                    to_text(have));
    return;
  }
  definitions_.required_engine = std::max(definitions_.required_engine, *need);
}

}  // namespace tiercel::rules
