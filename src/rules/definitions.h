#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "tiercel/base/priority.h"

#include "node.h"
#include "traced_text.h"

namespace tiercel::rules {

/// A text with the place it was written at.
struct PlacedText {
  std::string text;
  Origin origin;
};

/// A list as collected. `position` is that of its first definition, `sees` the
/// counter at its latest definition or append: names first defined before that
/// are visible to it.
struct ListDefinition {
  std::string name;
  Origin origin;
  std::vector<PlacedText> items;
  std::uint32_t position = 0;
  std::uint32_t sees = 0;
};

struct MacroDefinition {
  std::string name;
  Origin origin;
  TracedText condition;
  std::uint32_t position = 0;
  std::uint32_t sees = 0;
};

/// An exception after defaults: as many comparisons as fields. The values are kept
/// as YAML; weaving writes them out.
struct ExceptionDefinition {
  std::string name;
  Origin origin;
  bool is_list = true;  ///< `fields` is a sequence, values are tuples
  std::vector<PlacedText> fields;
  std::vector<PlacedText> comparisons;
  std::vector<NodePtr> values;
};

struct RuleDefinition {
  std::string name;
  Origin origin;
  std::string description;
  TracedText condition;
  std::string output;
  Origin output_origin;
  base::Priority priority = base::Priority::kDebug;
  std::string source;
  std::set<std::string> tags;
  std::vector<ExceptionDefinition> exceptions;
  bool enabled = true;
  bool skip_if_unknown_filter = false;
};

/// The condition of a rule item that is wrong elsewhere. It is checked all the same,
/// so that one run reports every mistake.
struct RefusedCondition {
  std::string rule;
  TracedText condition;
};

/// Definitions of one kind in the order in which their names first appeared.
/// Names of items that were wrong are remembered, so that what refers to them is
/// not reported too.
template <class T>
class Registry {
 public:
  [[nodiscard]] T* find(std::string_view name) {
    const auto known = by_name_.find(std::string(name));
    return known == by_name_.end() ? nullptr : &all_[known->second];
  }
  [[nodiscard]] const T* find(std::string_view name) const {
    const auto known = by_name_.find(std::string(name));
    return known == by_name_.end() ? nullptr : &all_[known->second];
  }
  T& add(T definition) {
    by_name_.emplace(definition.name, all_.size());
    all_.push_back(std::move(definition));
    return all_.back();
  }
  [[nodiscard]] const std::vector<T>& all() const { return all_; }

  void mark_broken(std::string_view name) { broken_.emplace(name); }
  [[nodiscard]] bool is_broken(std::string_view name) const {
    return broken_.contains(std::string(name));
  }

 private:
  std::vector<T> all_;
  std::unordered_map<std::string, std::size_t> by_name_;
  std::unordered_set<std::string> broken_;
};

/// A version as rules files write it.
struct Version {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  std::uint64_t patch = 0;

  // NOLINTNEXTLINE(modernize-use-nullptr): what is compared with 0 is the order, no pointer.
  friend auto operator<=>(const Version&, const Version&) = default;
};

struct PluginRequirement {
  struct Choice {
    std::string name;
    Version version;
    Origin origin;
  };
  std::vector<Choice> choices;  ///< the entry itself, then its alternatives
};

/// Everything collected from all files so far.
struct Definitions {
  Registry<ListDefinition> lists;
  Registry<MacroDefinition> macros;
  Registry<RuleDefinition> rules;
  std::vector<PluginRequirement> plugins;
  Version required_engine;
  std::uint32_t counter = 0;  ///< of definitions and appends, the positions
  /// A file could not be read to its end, so that a name may be missing.
  bool incomplete = false;
};

}  // namespace tiercel::rules
