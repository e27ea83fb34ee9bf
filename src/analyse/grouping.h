#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tiercel/analyse/policy_check.h"

#include "targets.h"

namespace tiercel::analyse {

/// Collects pairs of verb and target and says them in few words: targets of the same verbs
/// together.
class RequestSet {
 public:
  /// Verbs count as "any" where a target has all of `verbs`.
  explicit RequestSet(const Universe& universe) : universe_(&universe) {}

  void add(std::size_t target, std::size_t verb) { verbs_[target].insert(verb); }
  [[nodiscard]] bool empty() const { return verbs_.empty(); }
  [[nodiscard]] std::vector<Requests> grouped() const;

 private:
  const Universe* universe_;
  std::map<std::size_t, std::set<std::size_t>> verbs_;  // by target
};

/// A rule of a policy on one line: "{level: Request, verbs: [create], resources: …}". Several
/// where resources and URLs are meant.
[[nodiscard]] std::vector<std::string> policy_rules(const Requests& requests, Level level,
                                                    const std::string& omit_stages);

/// A text as YAML takes it within brackets.
[[nodiscard]] std::string yaml_text(const std::string& text);
[[nodiscard]] std::string yaml_list(const std::vector<std::string>& texts);

}  // namespace tiercel::analyse
