#pragma once

#include <vector>

#include "effort.h"
#include "facts.h"

namespace tiercel::analyse {

/// Requests that one rule of a policy decides about.
struct Decision {
  const PolicyRule* rule = nullptr;  ///< null: none fits, nothing is recorded
  Facts facts;                       ///< of these requests
};

/// The rules of a policy, in order, that can decide about requests for what these facts say,
/// whatever their verbs.
[[nodiscard]] std::vector<const PolicyRule*> rules_about(const Policy& policy, const Facts& facts,
                                                         Effort& effort);

/// Which of these rules decide about the requests of these facts, and about which of them: first
/// match wins. Rules about users, namespaces, names and paths split them. Sound: a request may be
/// in more than one part, and is always in the part of the rule that decides about it. Not all of
/// them where the effort is spent.
/// REQUIRES: what kind of request it is and its verb are known, or known to be others.
[[nodiscard]] std::vector<Decision> decisions(const std::vector<const PolicyRule*>& rules,
                                              const Facts& facts, Effort& effort);

}  // namespace tiercel::analyse
