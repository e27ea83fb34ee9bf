#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/rules/loader.h"

#include "definitions.h"
#include "item.h"
#include "overrides.h"
#include "read_documents.h"

namespace tiercel::rules {

/// Merges the items of rules files, in order, into Definitions: new definitions,
/// redefinitions, appends, overrides and toggles. An item with a mistake changes
/// nothing.
class Collector {
 public:
  Collector(const SourceFiles& files, const LoaderOptions& options, Definitions& definitions,
            Reporter& reporter)
      : files_(files), options_(options), definitions_(definitions), reporter_(reporter) {}

  void collect(const Documents& documents);
  /// Conditions of rules that were refused for something else since the last call.
  [[nodiscard]] std::vector<RefusedCondition> take_refused() { return std::move(refused_); }

 private:
  /// The keys of a rule item that were read; what a form does not use stays empty.
  struct RuleParts {
    std::optional<TracedText> condition;
    NodePtr output;
    NodePtr description;
    std::optional<base::Priority> priority;
    std::optional<std::vector<NodePtr>> tags;
    NodePtr exceptions;
    std::optional<bool> enabled;
    std::optional<bool> skip_if_unknown_filter;
  };

  void collect_item(const NodePtr& node);
  void collect_list(Item item);
  void collect_macro(Item item);
  void collect_engine_version(Item item);
  void collect_plugin_versions(Item item);

  void collect_rule(Item item);
  void define_rule(Item& item, const std::string& name);
  void append_rule(Item& item, const std::string& name);
  void toggle_rule(Item& item, const std::string& name);
  void override_rule(Item& item, const std::string& name, const Overrides& overrides);

  /// The override of condition, output and desc.
  void apply_texts(Item& item, RuleDefinition& rule, const RuleParts& parts,
                   const Overrides& overrides);

  /// Reads those of the keys that `wanted` names.
  template <class Wanted>
  RuleParts read_parts(Item& item, Wanted wanted);
  [[nodiscard]] std::optional<base::Priority> read_priority(Item& item);
  void check_duration(Item& item);
  /// The rule that an item changes; null with an error where there is none.
  [[nodiscard]] RuleDefinition* existing_rule(Item& item, const std::string& name);
  /// An error where the item names another source than the rule has.
  void check_source(Item& item, const RuleDefinition& rule);
  /// True for rules whose exceptions name fields that can be checked.
  [[nodiscard]] bool is_ours(std::string_view source) const { return source == options_.source; }
  /// Appends with a blank between, and warns where the author may not expect the result.
  void append_condition(Item& item, TracedText& to, const TracedText& more);
  /// Whether a missing name may be a consequence of a mistake reported already.
  template <class T>
  [[nodiscard]] bool may_be_missing(const Registry<T>& registry, const std::string& name) const {
    return definitions_.incomplete || registry.is_broken(name);
  }

  const SourceFiles& files_;
  const LoaderOptions& options_;
  Definitions& definitions_;
  Reporter& reporter_;
  std::vector<RefusedCondition> refused_;
};

}  // namespace tiercel::rules
