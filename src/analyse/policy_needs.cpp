#include "policy_needs.h"

#include <algorithm>
#include <array>

namespace tiercel::analyse {

namespace {

constexpr std::array<Subject, 6> kSubjects{{{"system:apiserver", false},
                                            {"system:kube-controller-manager", false},
                                            {"system:kube-proxy", false},
                                            {"system:kube-scheduler", false},
                                            {"system:nodes", true},
                                            {"system:serviceaccounts", true}}};

Need need_of(const Views& rules, Facts facts) {
  Need need;
  for (const RuleView* const rule : rules) {
    facts.stage.reset();
    if (!rule->can_match(facts)) {
      continue;
    }
    for (const Stage stage : rule->stages(facts)) {
      facts.stage = stage;
      if (!rule->can_match(facts)) {
        continue;
      }
      need.stages = static_cast<Stages>(need.stages | bit(stage));
      const Level level = rule->level_needed(facts);
      if (level > need.level) {
        need.level = level;
        need.rules.clear();
      }
      if (level == need.level && (need.rules.empty() || need.rules.back() != rule)) {
        need.rules.push_back(rule);
      }
    }
  }
  return need;
}

bool concerns(const Views& rules, const Subject& subject, Facts facts) {
  if (!(subject.is_group ? assume_group(facts, subject.name) : assume_user(facts, subject.name))) {
    return false;
  }
  return std::any_of(rules.begin(), rules.end(),
                     [&](const RuleView* rule) { return rule->can_match(facts); });
}

}  // namespace

Needs needs_of(const ViewIndex& rules, const Universe& universe) {
  Needs needs;
  needs.reserve(universe.targets.size());
  for (const Target& target : universe.targets) {
    const Views possible = rules.possible(target.facts);
    std::vector<Need>& of_target = needs.emplace_back();
    for (const Known& verb : universe.verbs_of(target)) {
      Facts facts = target.facts;
      facts.verb = verb;
      of_target.push_back(need_of(possible, std::move(facts)));
    }
  }
  return needs;
}

bool concerns(const Views& rules, const std::vector<Subject>& subjects, const Facts& facts) {
  return std::any_of(subjects.begin(), subjects.end(),
                     [&](const Subject& subject) { return concerns(rules, subject, facts); });
}

std::vector<Subject> quiet_subjects(const ViewIndex& rules, const Universe& universe) {
  std::vector<Subject> out(kSubjects.begin(), kSubjects.end());
  for (const Target& target : universe.targets) {
    const Views possible = rules.possible(target.facts);
    for (const Known& verb : universe.verbs_of(target)) {
      if (target.is_named && verb.kind == Known::Kind::kExact) {
        continue;
      }
      Facts facts = target.facts;
      facts.verb = verb;
      out.erase(std::remove_if(
                    out.begin(), out.end(),
                    [&](const Subject& subject) { return concerns(possible, subject, facts); }),
                out.end());
    }
  }
  return out;
}

}  // namespace tiercel::analyse
