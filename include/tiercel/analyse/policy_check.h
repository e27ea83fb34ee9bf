#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/analyse/policy.h"
#include "tiercel/base/diagnostic.h"
#include "tiercel/base/error.h"
#include "tiercel/engine/rule_set.h"

namespace tiercel::analyse {

/// What a policy does to a rule, the worst first.
enum class Harm : std::uint8_t {
  kNever,     ///< nothing that the rule looks for is recorded so that it can match
  kMisfires,  ///< it matches where it would not if all was recorded
  kPart,      ///< it misses some of what it looks for
  kOutput,    ///< it matches, and its output lacks fields
  kRepeats,   ///< it reads no stage, so that one request gives several alerts
  kPolicy,    ///< an entry of the policy has no effect; no rule is concerned
};
[[nodiscard]] std::string_view to_text(Harm harm);

/// Requests by verbs and what they are about: "create, update on pods, deployments.apps".
struct Requests {
  std::vector<std::string> verbs;  ///< empty: any
  struct Resource {
    std::string group;
    std::string resource;
  };
  std::vector<Resource> resources;
  bool others = false;  ///< resources that nobody names
  bool urls = false;    ///< requests that are for no resource
};
[[nodiscard]] std::string to_text(const std::vector<Requests>& requests);

/// One rule harmed by one rule of the policy, and what to do about it.
struct Finding {
  Harm harm = Harm::kNever;
  std::string rule;
  base::Location rule_location;
  const PolicyRule* by = nullptr;  ///< null: no rule of the policy fits these requests
  std::vector<Requests> requests;
  Level recorded = Level::kNone;
  Level needed = Level::kMetadata;
  std::vector<std::string> stages;  ///< not recorded
  std::vector<std::string> fields;  ///< not recorded
  std::string message;
  std::vector<std::string> advice;
  std::vector<std::string> add;  ///< rules of a policy that mend it, a line each
};

/// What a check may cost: some half a minute. A policy of 1,000 rules for a user each takes half of
/// it, one whose rules name resources a hundredth. That is with loaded rules that ask for
/// resources: those that ask for none are held against all requests, so that with 250 such policy
/// rules 300 of them are within it where they read no body, and beyond it where each loses a part
/// of one.
inline constexpr std::uint64_t kMostSteps = 500'000'000;

/// Every rule in force that would match other events under the policy than were everything
/// recorded. Sound: what is not found here is not harmed. `policy` must outlive the result.
/// An error where policy and rules tell apart more requests than `most_steps` allow for.
[[nodiscard]] base::Result<std::vector<Finding>> check_policy(
    const Policy& policy, const engine::RuleSet& rules, std::uint64_t most_steps = kMostSteps);

/// As diagnostics at the policy's rules: an error for a rule that can never fire, notes for
/// what only repeats, warnings for the rest.
[[nodiscard]] base::Diagnostics to_diagnostics(const Policy& policy,
                                               const std::vector<Finding>& findings);
[[nodiscard]] std::string to_json(const Policy& policy, const std::vector<Finding>& findings);

}  // namespace tiercel::analyse
