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

Need need_of(const std::vector<RuleView>& rules, Facts facts) {
  Need need;
  for (const RuleView& rule : rules) {
    facts.stage.reset();
    if (rule.judge(facts, {}).full == Tri::kNo) {
      continue;
    }
    for (const Stage stage : rule.stages(facts)) {
      facts.stage = stage;
      if (rule.judge(facts, {}).full == Tri::kNo) {
        continue;
      }
      need.stages = static_cast<Stages>(need.stages | bit(stage));
      const Level level = rule.level_needed(facts);
      if (level > need.level) {
        need.level = level;
        need.rules.clear();
      }
      if (level == need.level && (need.rules.empty() || need.rules.back() != &rule)) {
        need.rules.push_back(&rule);
      }
    }
  }
  return need;
}

bool concerns(const std::vector<RuleView>& rules, const Subject& subject, Facts facts) {
  if (!(subject.is_group ? assume_group(facts, subject.name) : assume_user(facts, subject.name))) {
    return false;
  }
  return std::any_of(rules.begin(), rules.end(),
                     [&](const RuleView& rule) { return rule.judge(facts, {}).full != Tri::kNo; });
}

}  // namespace

Needs needs_of(const std::vector<RuleView>& rules, const Universe& universe) {
  Needs needs;
  for (const Target& target : universe.targets) {
    std::vector<Need>& of_target = needs.emplace_back();
    for (const Known& verb : universe.verbs_of(target)) {
      Facts facts = target.facts;
      facts.verb = verb;
      of_target.push_back(need_of(rules, std::move(facts)));
    }
  }
  return needs;
}

bool concerns(const std::vector<RuleView>& rules, const std::vector<Subject>& subjects,
              const Facts& facts) {
  return std::any_of(subjects.begin(), subjects.end(),
                     [&](const Subject& subject) { return concerns(rules, subject, facts); });
}

std::vector<Subject> quiet_subjects(const std::vector<RuleView>& rules, const Universe& universe) {
  std::vector<Subject> out;
  for (const Subject& subject : kSubjects) {
    bool is_quiet = true;
    for (const Target& target : universe.targets) {
      for (const Known& verb : universe.verbs_of(target)) {
        Facts facts = target.facts;
        facts.verb = verb;
        const bool is_general = !target.is_named || verb.kind != Known::Kind::kExact;
        is_quiet = is_quiet && !(is_general && concerns(rules, subject, std::move(facts)));
      }
    }
    if (is_quiet) {
      out.push_back(subject);
    }
  }
  return out;
}

}  // namespace tiercel::analyse
