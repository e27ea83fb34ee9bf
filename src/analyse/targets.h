#pragma once

#include <optional>
#include <string>
#include <vector>

#include "facts.h"
#include "rule_view.h"

namespace tiercel::analyse {

/// One kind of thing that requests are about.
struct Target {
  Facts facts;           ///< what follows from it
  std::string group;     ///< for policies; of `is_named` ones
  std::string resource;  ///< "pods/exec"
  bool is_named = true;  ///< false: "any other resource", "any URL"
};

/// All kinds of requests that rules and policy tell apart, each request of one kind. A name that
/// Kubernetes has means its own resource; any other is looked for, where a rule has it, in the
/// core group, in each that rules or policy name, and outside of these; where the policy alone has
/// it, in the groups where it does.
struct Universe {
  std::vector<Target> targets;
  std::vector<Known> resource_verbs;  ///< the last: any other
  std::vector<Known> url_verbs;
  [[nodiscard]] const std::vector<Known>& verbs_of(const Target& target) const {
    return target.facts.is_resource ? resource_verbs : url_verbs;
  }
};

/// How many targets there can be at most: rules' resources times the groups of a policy.
inline constexpr std::size_t kMostTargets = 400'000;

/// Nothing where there would be more targets than that.
[[nodiscard]] std::optional<Universe> make_universe(const std::vector<RuleView>& rules,
                                                    const Policy* policy);

/// How rules are viewed: those that can match at all.
[[nodiscard]] std::vector<RuleView> views_of(const engine::RuleSet& rules);

}  // namespace tiercel::analyse
