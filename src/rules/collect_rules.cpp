#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "collector.h"
#include "exceptions.h"
#include "trace_scalar.h"

namespace tiercel::rules {

namespace {

constexpr std::array<std::string_view, 15> kRuleKeys{"rule",
                                                     "desc",
                                                     "condition",
                                                     "output",
                                                     "priority",
                                                     "source",
                                                     "enabled",
                                                     "tags",
                                                     "exceptions",
                                                     "warn_evttypes",
                                                     "skip-if-unknown-filter",
                                                     "capture",
                                                     "capture_duration",
                                                     "append",
                                                     "override"};
constexpr std::array<OverridableKey, 11> kRuleOverrides{{{"condition", true},
                                                         {"output", true},
                                                         {"desc", true},
                                                         {"tags", true},
                                                         {"exceptions", true},
                                                         {"priority", false},
                                                         {"enabled", false},
                                                         {"warn_evttypes", false},
                                                         {"skip-if-unknown-filter", false},
                                                         {"capture", false},
                                                         {"capture_duration", false}}};

std::set<std::string> tag_set(const std::vector<NodePtr>& tags) {
  std::set<std::string> set;
  for (const NodePtr& tag : tags) {
    set.insert(tag->text);
  }
  return set;
}

}  // namespace

void Collector::collect_rule(Item item) {
  const NodePtr name = item.text("rule");
  if (name == nullptr) {
    return;
  }
  item.enter(labelled("rule", name->text));
  item.warn_unknown_keys(kRuleKeys);
  const Overrides overrides = Overrides::read(item, kRuleOverrides);
  const bool append = read_append_flag(item, overrides);
  // The four forms of a rule item, chosen in this order.
  if (!overrides.empty()) {
    override_rule(item, name->text, overrides);
  } else if (append) {
    append_rule(item, name->text);
  } else if (!item.has("condition") && !item.has("output") && !item.has("desc") &&
             !item.has("priority")) {
    toggle_rule(item, name->text);
  } else {
    define_rule(item, name->text);
  }
  if (item.failed()) {
    definitions_.rules.mark_broken(name->text);
  }
}

std::optional<base::Priority> Collector::read_priority(Item& item) {
  const NodePtr text = item.text("priority");
  if (text == nullptr) {
    return std::nullopt;
  }
  const auto priority = base::parse_priority(text->text);
  if (!priority) {
    std::vector<std::string_view> names(base::kPriorityNames.begin(), base::kPriorityNames.end());
    names.insert(names.end(), {"EMERGENCY", "ALERT", "CRITICAL", "ERROR", "WARNING", "NOTICE",
                               "INFO", "INFORMATIONAL", "DEBUG"});
    Reporter::Texts notes = suggestion(text->text, names);
    notes.emplace_back(
        "the priorities are EMERGENCY, ALERT, CRITICAL, ERROR, WARNING, NOTICE, INFO, DEBUG");
    item.report(Code::kUnknownPriority, text->origin, "unknown priority '" + text->text + "'",
                std::move(notes));
  }
  return priority;
}

void Collector::check_duration(Item& item) {
  const NodePtr text = item.text("capture_duration");
  if (text == nullptr) {
    return;
  }
  std::uint32_t value = 0;
  const char* const end = text->text.data() + text->text.size();
  const auto [next, error] = std::from_chars(text->text.data(), end, value);
  if (error != std::errc{} || next != end) {
    item.report(Code::kBadValue, text->origin,
                "'capture_duration' must be a number of milliseconds below 2^32");
  }
}

template <class Wanted>
Collector::RuleParts Collector::read_parts(Item& item, Wanted wanted) {
  RuleParts parts;
  const NodePtr condition = wanted("condition") ? item.text("condition") : nullptr;
  if (condition != nullptr) {
    parts.condition = trace_scalar(files_, *condition);
  }
  parts.output = wanted("output") ? item.text("output") : nullptr;
  parts.description = wanted("desc") ? item.text("desc") : nullptr;
  if (wanted("priority")) {
    parts.priority = read_priority(item);
  }
  if (wanted("tags")) {
    parts.tags = item.texts("tags");
  }
  parts.exceptions = wanted("exceptions") ? item.sequence("exceptions") : nullptr;
  if (wanted("enabled")) {
    parts.enabled = item.boolean("enabled");
  }
  if (wanted("skip-if-unknown-filter")) {
    parts.skip_if_unknown_filter = item.boolean("skip-if-unknown-filter");
  }
  for (const std::string_view key : {"warn_evttypes", "capture"}) {
    if (wanted(key)) {
      (void)item.boolean(key);  // only its shape matters: it is about system calls
    }
  }
  if (wanted("capture_duration")) {
    check_duration(item);
  }
  return parts;
}

void Collector::define_rule(Item& item, const std::string& name) {
  item.require({"condition", "output", "desc", "priority"});
  RuleParts parts = read_parts(item, [](std::string_view) { return true; });
  const NodePtr source = item.text("source");
  RuleDefinition rule;
  rule.name = name;
  rule.origin = item.node().origin;
  rule.source = source == nullptr ? "syscall" : source->text;
  if (parts.exceptions != nullptr) {
    ExceptionReader reader(item, reporter_, options_, is_ours(rule.source));
    rule.exceptions = reader.read_all(*parts.exceptions);
  }
  RuleDefinition* known = definitions_.rules.find(name);
  if (known != nullptr && !item.failed() && known->source != rule.source) {
    item.report(
        Code::kSourceConflict, source == nullptr ? item.node().origin : source->origin,
        "the rule is defined again with source '" + rule.source + "', but it has source '" +
            known->source + "'",
        source == nullptr
            ? Reporter::Texts{"a definition without 'source' means 'syscall'; add 'source: " +
                              known->source + "'"}
            : Reporter::Texts{});
  }
  if (item.failed()) {
    if (parts.condition && is_ours(rule.source)) {
      refused_.push_back({name, std::move(*parts.condition)});
    }
    return;
  }
  rule.condition = std::move(*parts.condition);
  rule.output = trim(parts.output->text);
  rule.output_origin = trace_scalar(files_, *parts.output).trimmed().spot(0).origin;
  rule.description = parts.description->text;
  rule.priority = *parts.priority;
  rule.tags = tag_set(parts.tags.value_or(std::vector<NodePtr>{}));
  rule.enabled = parts.enabled.value_or(true);
  rule.skip_if_unknown_filter = parts.skip_if_unknown_filter.value_or(false);
  ++definitions_.counter;
  if (known == nullptr) {
    definitions_.rules.add(std::move(rule));
  } else {
    *known = std::move(rule);
  }
}

RuleDefinition* Collector::existing_rule(Item& item, const std::string& name) {
  RuleDefinition* rule = definitions_.rules.find(name);
  if (rule != nullptr) {
    return rule;
  }
  if (!may_be_missing(definitions_.rules, name)) {
    std::vector<std::string_view> names;
    for (const RuleDefinition& other : definitions_.rules.all()) {
      names.push_back(other.name);
    }
    item.report(Code::kUnknownRule, item.find("rule")->value->origin,
                "no rule '" + name + "' to change; it must be defined before",
                suggestion(name, names));
  }
  item.fail();
  return nullptr;
}

void Collector::check_source(Item& item, const RuleDefinition& rule) {
  const NodePtr source = item.optional_text("source");
  if (source != nullptr && source->text != rule.source) {
    item.report(Code::kSourceConflict, source->origin,
                "the rule has source '" + rule.source + "', which cannot be changed to '" +
                    source->text + "'");
  }
}

void Collector::append_rule(Item& item, const std::string& name) {
  if (!item.has("condition") && !item.has("exceptions")) {
    item.report(Code::kAppendWithoutContent, item.node().origin,
                "nothing to append: there must be a 'condition' or 'exceptions'");
  }
  // Whatever else the item holds is ignored, as in Falco.
  const RuleParts parts = read_parts(
      item, [](std::string_view key) { return key == "condition" || key == "exceptions"; });
  RuleDefinition* rule = existing_rule(item, name);
  if (rule == nullptr) {
    return;
  }
  check_source(item, *rule);
  std::vector<ExceptionDefinition> exceptions = rule->exceptions;
  if (parts.exceptions != nullptr) {
    ExceptionReader(item, reporter_, options_, is_ours(rule->source))
        .append_to(exceptions, *parts.exceptions);
  }
  if (item.failed()) {
    return;
  }
  rule->exceptions = std::move(exceptions);
  if (parts.condition) {
    append_condition(item, rule->condition, *parts.condition);
  }
  ++definitions_.counter;
}

void Collector::toggle_rule(Item& item, const std::string& name) {
  if (!item.has("enabled")) {
    item.report(Code::kToggleWithoutEnabled, item.node().origin,
                "the item says nothing about the rule: a definition needs condition, output, desc "
                "and priority; a change needs 'override'");
    return;
  }
  const std::optional<bool> enabled = item.boolean("enabled");
  item.report(Code::kDeprecatedToggle, item.find("enabled")->key_origin,
              "'enabled' alone is deprecated",
              {"write 'override:' with 'enabled: replace' below it"});
  RuleDefinition* rule = existing_rule(item, name);
  if (rule != nullptr && enabled) {
    rule->enabled = *enabled;
  }
}

void Collector::override_rule(Item& item, const std::string& name, const Overrides& overrides) {
  RuleParts parts =
      read_parts(item, [&overrides](std::string_view key) { return overrides.names(key); });
  RuleDefinition* rule = existing_rule(item, name);
  if (rule == nullptr) {
    return;
  }
  check_source(item, *rule);
  std::vector<ExceptionDefinition> exceptions = rule->exceptions;
  if (parts.exceptions != nullptr) {
    ExceptionReader reader(item, reporter_, options_, is_ours(rule->source));
    if (overrides.appends("exceptions")) {
      reader.append_to(exceptions, *parts.exceptions);
    } else {
      // DIFFERS FROM FALCO: defaults and checks apply here as in a definition; there
      // an exception without comps crashes or is a syntax error.
      exceptions = reader.read_all(*parts.exceptions);
    }
  }
  if (item.failed()) {
    return;
  }
  rule->exceptions = std::move(exceptions);
  apply_texts(item, *rule, parts, overrides);
  if (parts.tags) {
    std::set<std::string> tags = tag_set(*parts.tags);
    if (overrides.appends("tags")) {
      tags.merge(rule->tags);
    }
    rule->tags = std::move(tags);
  }
  rule->priority = parts.priority.value_or(rule->priority);
  rule->enabled = parts.enabled.value_or(rule->enabled);
  rule->skip_if_unknown_filter =
      parts.skip_if_unknown_filter.value_or(rule->skip_if_unknown_filter);
  ++definitions_.counter;
}

void Collector::apply_texts(Item& item, RuleDefinition& rule, const RuleParts& parts,
                            const Overrides& overrides) {
  if (parts.condition) {
    if (overrides.appends("condition")) {
      append_condition(item, rule.condition, *parts.condition);
    } else {
      rule.condition = *parts.condition;
    }
  }
  if (parts.output != nullptr) {
    if (overrides.appends("output")) {
      rule.output += " " + parts.output->text;
    } else {
      rule.output = parts.output->text;
      rule.output_origin = trace_scalar(files_, *parts.output).spot(0).origin;
    }
  }
  if (parts.description != nullptr) {
    rule.description = overrides.appends("desc") ? rule.description + " " + parts.description->text
                                                 : parts.description->text;
  }
}

}  // namespace tiercel::rules
