#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "tiercel/engine/rule_set.h"

#include "predicate.h"
#include "program.h"
#include "rule_index.h"

namespace tiercel::engine {

/// What a RuleSet holds; shared by the builder that fills it and the evaluator.
struct RuleSet::Impl {
  audit::FieldSet fields;
  std::vector<std::unique_ptr<const Predicate>> predicates;
  std::vector<CompiledRule> rules;
  std::vector<Program> programs;  ///< programs[n] is the condition of rules[n]
  RuleIndex index;
  Matching matching = Matching::kFirst;
  bool use_index = true;
  std::vector<rules::ResolvedRule> loaded;
  std::string hash;
  std::unique_ptr<RuleCosts> costs;
  std::uint64_t memory = 0;
};

}  // namespace tiercel::engine
