#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include "tiercel/analyse/policy_check.h"
#include "tiercel/analyse/policy_generate.h"
#include "tiercel/engine/rule_set.h"

#include "events.h"

namespace tiercel::tests {

inline engine::LoadResult load_text(const std::string& text) {
  engine::CompileOptions options;
  options.matching = engine::Matching::kAll;
  return engine::load_rules({{"rules.yaml", text}}, options);
}

inline engine::LoadResult shipped_rules() {
  return load_text(read_file(std::string(TIERCEL_SOURCE_DIR) + "/rules/k8s_audit_rules.yaml"));
}

/// A file of the folder that TIERCEL_EXTERNAL_FIXTURES names; empty without one.
inline std::string external(const std::string& name) {
  const char* const folder = std::getenv("TIERCEL_EXTERNAL_FIXTURES");
  return folder == nullptr || *folder == '\0' ? "" : read_file(std::string(folder) + "/" + name);
}

/// A policy that must be good. `rules` are the lines below "rules:".
inline analyse::Policy policy_of(const std::string& text) {
  base::Diagnostics diagnostics;
  auto policy = analyse::read_policy("policy.yaml", text, diagnostics);
  return policy ? std::move(*policy) : analyse::Policy{};
}
inline analyse::Policy policy_with(const std::string& rules) {
  return policy_of("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n" + rules);
}

/// Of a check or a policy that must come to an end.
inline std::vector<analyse::Finding> findings_of(const analyse::Policy& policy,
                                                 const engine::RuleSet& rules) {
  return analyse::check_policy(policy, rules).value();
}
inline std::string generated_policy(const engine::RuleSet& rules) {
  return analyse::generate_policy(rules).value();
}

/// "harm: rule @line", sorted as found.
inline std::vector<std::string> harms(const std::vector<analyse::Finding>& findings) {
  std::vector<std::string> out;
  for (const analyse::Finding& one : findings) {
    out.push_back(std::string(analyse::to_text(one.harm)) + ": " + one.rule + " @" +
                  (one.by == nullptr ? "end" : std::to_string(one.by->location.line)));
  }
  return out;
}

inline const analyse::Finding* find_harm(const std::vector<analyse::Finding>& findings,
                                         analyse::Harm harm, const std::string& rule) {
  for (const analyse::Finding& one : findings) {
    if (one.harm == harm && one.rule == rule) {
      return &one;
    }
  }
  return nullptr;
}

}  // namespace tiercel::tests
