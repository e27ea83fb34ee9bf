#include "rule_check.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace tiercel::analyse {

// What the rule's answers can depend on: of requests of one verb for one target.
std::string RuleCheck::signature(const Decision& decision) const {
  std::string out;
  if (decision.rule != nullptr) {
    out += static_cast<char>('0' + static_cast<int>(decision.rule->level));
    out += decision.rule->omit_managed_fields ? 'o' : 'r';
    out += static_cast<char>('0' + decision.rule->omitted);
  }
  out += ' ';
  rule_.add_answers(decision.facts, out);
  return out;
}

void RuleCheck::look(std::size_t target, std::size_t verb, std::vector<Decision>& decisions,
                     Effort& effort) {
  std::unordered_map<std::string, Outcome> outcomes;
  for (Decision& decision : decisions) {
    effort.spend(1 + rule_.steps_of_answers());
    const auto [found, is_new] = outcomes.try_emplace(signature(decision));
    if (is_new) {
      found->second = outcome_of(decision, effort);
    }
    is_alive_ = is_alive_ || found->second.is_alive;
    for (const Harmed& one : found->second.harms) {
      effort.spend(kStepsOfHarm);
      const ProblemKey key{one.harm, one.cause, decision.rule};
      Problem& problem = problems_.try_emplace(key, universe_).first->second;
      problem.requests.add(target, verb);
      problem.needed = std::max(problem.needed, one.needed);
      problem.stages.insert(one.stages.begin(), one.stages.end());
      problem.fields.insert(one.fields.begin(), one.fields.end());
    }
  }
}

RuleCheck::Outcome RuleCheck::outcome_of(Decision& decision, Effort& effort) const {
  Outcome out;
  std::size_t seen = 0;
  decision.facts.stage.reset();
  for (const Stage stage : rule_.stages(decision.facts)) {
    effort.spend(kStepsOfJudging);
    decision.facts.stage = stage;
    seen += look(decision.rule, decision.facts, out) ? 1U : 0U;
  }
  out.is_alive = seen != 0;
  if (seen > 1 && !rule_.reads_stage()) {
    out.harms.push_back({Harm::kRepeats, Cause::kStage, Level::kMetadata, {}, {}});
  }
  return out;
}

std::map<ProblemKey, Problem> RuleCheck::take() {
  std::map<ProblemKey, Problem> out;
  for (auto& [key, problem] : problems_) {
    auto [harm, cause, by] = key;
    harm = harm == Harm::kPart && !is_alive_ ? Harm::kNever : harm;
    out.emplace(ProblemKey{harm, cause, by}, std::move(problem));
  }
  return out;
}

RuleCheck::Harmed RuleCheck::harmed(Harm harm, const std::vector<const BodyField*>& fields,
                                    const Facts& facts) const {
  Harmed out{harm, Cause::kLevel, rule_.level_needed(facts), {}, {}};
  for (const BodyField* const field : fields) {
    out.fields.insert(field->key);
  }
  return out;
}

// Whether the rule can match these events as they are recorded.
bool RuleCheck::look(const PolicyRule* by, const Facts& facts, Outcome& out) const {
  const Recorded recorded{by == nullptr ? Level::kNone : by->level,
                          by != nullptr && by->omit_managed_fields};
  if (!rule_.can_match(facts)) {
    return false;
  }
  if (recorded.level == Level::kNone) {
    out.harms.push_back(harmed(Harm::kPart, {}, facts));
    out.harms.back().cause = Cause::kNotRecorded;
    return false;
  }
  if ((by->omitted & bit(*facts.stage)) != 0) {
    out.harms.push_back({Harm::kPart, Cause::kStage, Level::kMetadata, {*facts.stage}, {}});
    return false;
  }
  const Verdict verdict = rule_.judge(facts, recorded);
  if (!verdict.lost.empty()) {
    out.harms.push_back(harmed(Harm::kPart, verdict.lost, facts));
  }
  if (verdict.recorded == Tri::kNo) {
    return false;
  }
  if (!verdict.wrong.empty()) {
    out.harms.push_back(harmed(Harm::kMisfires, verdict.wrong, facts));
  }
  const auto missing = rule_.missing_output(facts, recorded);
  if (!missing.empty()) {
    out.harms.push_back(harmed(Harm::kOutput, missing, facts));
  }
  return true;
}

}  // namespace tiercel::analyse
