#pragma once

#include <vector>

#include "facts.h"

namespace tiercel::analyse {

/// Requests that one rule of a policy decides about.
struct Decision {
  const PolicyRule* rule = nullptr;  ///< null: none fits, nothing is recorded
  Facts facts;                       ///< of these requests
};

/// Which rules decide about the requests of these facts, and about which of them: first match
/// wins. Rules about users, namespaces, names and paths split them. Sound: a request may be in
/// more than one part, and is always in the part of the rule that decides about it.
/// REQUIRES: what kind of request it is and its verb are known, or known to be others.
[[nodiscard]] std::vector<Decision> decisions(const Policy& policy, const Facts& facts);

}  // namespace tiercel::analyse
