#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tiercel/base/diagnostic.h"
#include "tiercel/base/priority.h"
#include "tiercel/condition/expr.h"

namespace tiercel::rules {

/// A rule after everything that is text has been done to it: overrides merged,
/// exceptions woven in, lists substituted, macros expanded. What the engine
/// compiles. In evaluation order: the order of first definition, rules that the
/// configuration re-enabled last.
struct ResolvedRule {
  std::string name;
  std::string description;
  std::string source;  ///< always one the engine knows
  std::string output;  ///< the template, trimmed as Falco does
  base::Priority priority = base::Priority::kDebug;
  std::vector<std::string> tags;             ///< sorted, unique
  std::vector<std::string> exception_names;  ///< in order of definition, those without values too
  bool enabled = true;                       ///< after `enabled`, toggles, config and priority
  bool skip_if_unknown_filter = false;
  condition::ExprPtr condition;             ///< no kMacro nodes; null when it had errors
  std::string condition_text;               ///< after exceptions and lists, before macros
  base::Location location;                  ///< of the rule item
  base::Location output_location;           ///< of the output's text
  std::uint32_t condition_text_number = 0;  ///< the Place::text of its own condition
};

}  // namespace tiercel::rules
