#include "tiercel/analyse/policy_check.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "decisions.h"
#include "grouping.h"
#include "resources.h"
#include "targets.h"

namespace tiercel::analyse {

namespace {

// Why requests are not seen.
enum class Cause : std::uint8_t { kLevel, kNotRecorded, kStage };

struct Problem {
  explicit Problem(const Universe& universe) : requests(universe) {}
  RequestSet requests;
  Level needed = Level::kMetadata;
  std::set<Stage> stages;
  std::set<std::string> fields;
};

using Key = std::tuple<Harm, Cause, const PolicyRule*>;

// One rule against everything that the policy decides.
class RuleCheck {
 public:
  RuleCheck(const RuleView& rule, const Universe& universe) : rule_(rule), universe_(universe) {}

  void look(std::size_t target, std::size_t verb, const std::vector<Decision>& decisions) {
    for (const Decision& decision : decisions) {
      std::size_t seen = 0;
      for (const Stage stage : rule_.stages(decision.facts)) {
        Facts facts = decision.facts;
        facts.stage = stage;
        seen += look(target, verb, decision.rule, facts) ? 1U : 0U;
      }
      if (seen > 1 && !rule_.reads_stage()) {
        problem(Harm::kRepeats, Cause::kStage, decision.rule).requests.add(target, verb);
      }
    }
  }

  [[nodiscard]] std::map<Key, Problem> take() {
    std::map<Key, Problem> out;
    for (auto& [key, problem] : problems_) {
      auto [harm, cause, by] = key;
      harm = harm == Harm::kPart && !is_alive_ ? Harm::kNever : harm;
      out.emplace(Key{harm, cause, by}, std::move(problem));
    }
    return out;
  }

 private:
  Problem& problem(Harm harm, Cause cause, const PolicyRule* by) {
    return problems_.try_emplace({harm, cause, by}, universe_).first->second;
  }

  void add_fields(Problem& to, const std::vector<const BodyField*>& fields, const Facts& facts) {
    for (const BodyField* const field : fields) {
      to.fields.insert(field->key);
    }
    to.needed = std::max(to.needed, rule_.level_needed(facts));
  }

  // Whether the rule can match these events as they are recorded.
  bool look(std::size_t target, std::size_t verb, const PolicyRule* by, const Facts& facts) {
    const Recorded recorded{by == nullptr ? Level::kNone : by->level,
                            by != nullptr && by->omit_managed_fields};
    const Verdict verdict = rule_.judge(facts, recorded);
    if (verdict.full == Tri::kNo && verdict.recorded == Tri::kNo) {
      return false;
    }
    if (recorded.level == Level::kNone) {
      Problem& lost = problem(Harm::kPart, Cause::kNotRecorded, by);
      lost.requests.add(target, verb);
      lost.needed = std::max(lost.needed, rule_.level_needed(facts));
      return false;
    }
    if ((by->omitted & bit(*facts.stage)) != 0) {
      Problem& lost = problem(Harm::kPart, Cause::kStage, by);
      lost.requests.add(target, verb);
      lost.stages.insert(*facts.stage);
      return false;
    }
    if (!verdict.lost.empty()) {
      Problem& lost = problem(Harm::kPart, Cause::kLevel, by);
      lost.requests.add(target, verb);
      add_fields(lost, verdict.lost, facts);
    }
    if (verdict.recorded == Tri::kNo) {
      return false;
    }
    is_alive_ = true;
    if (!verdict.wrong.empty()) {
      Problem& wrong = problem(Harm::kMisfires, Cause::kLevel, by);
      wrong.requests.add(target, verb);
      add_fields(wrong, verdict.wrong, facts);
    }
    const auto missing = rule_.missing_output(facts, recorded);
    if (!missing.empty()) {
      Problem& output = problem(Harm::kOutput, Cause::kLevel, by);
      output.requests.add(target, verb);
      add_fields(output, missing, facts);
    }
    return true;
  }

  const RuleView& rule_;
  const Universe& universe_;
  std::map<Key, Problem> problems_;
  bool is_alive_ = false;
};

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) {
    out += (out.empty() ? "" : ", ") + text;
  }
  return out;
}

std::string_view head_of(Harm harm) {
  switch (harm) {
    case Harm::kNever:
      return "can never fire";
    case Harm::kMisfires:
      return "fires where it should not";
    case Harm::kPart:
      return "does not see all that it looks for";
    case Harm::kOutput:
      return "cannot print all of its output";
    case Harm::kRepeats:
      return "alerts several times for one request";
    case Harm::kPolicy:
      break;
  }
  return "";
}

void explain(Cause cause, const Policy& policy, Finding& finding) {
  const std::string what = to_text(finding.requests);
  finding.message = "rule \"" + finding.rule + "\" " + std::string(head_of(finding.harm)) + ": ";
  const std::string before = finding.by == nullptr
                                 ? "at the end of rules"
                                 : "before line " + std::to_string(finding.by->location.line);
  for (const Requests& one : finding.requests) {
    for (std::string& rule : policy_rules(one, finding.needed, "")) {
      finding.add.push_back("- " + std::move(rule));
    }
  }
  if (finding.harm == Harm::kRepeats) {
    finding.message += what + " are recorded at each stage, and the rule reads none";
    finding.add.clear();
    finding.advice.emplace_back(
        "let the rule ask for one: ka.stage = ResponseStarted, or ResponseComplete");
    return;
  }
  if (cause == Cause::kStage) {
    finding.message += what + " not recorded at " + joined(finding.stages);
    finding.add.clear();
    finding.advice.push_back(
        "take " + joined(finding.stages) + " out of omitStages" +
        (policy.omitted_line == 0
             ? " of this rule"
             : " in line " + std::to_string(policy.omitted_line) + " and of this rule"));
    return;
  }
  if (cause == Cause::kNotRecorded) {
    finding.message +=
        what + (finding.by == nullptr ? " fit no rule of the policy, so nothing is recorded"
                                      : " not recorded (level None)");
  } else {
    finding.message += what + " recorded at level " + std::string(to_text(finding.recorded)) +
                       ", without " + joined(finding.fields);
    if (finding.harm == Harm::kMisfires) {
      finding.message += ", whose absence makes a negated check true";
    }
  }
  for (const std::string& rule : finding.add) {
    finding.advice.push_back("add " + before + ":  " + rule);
  }
}

Finding finding_of(const RuleView& view, const Key& key, const Problem& problem,
                   const Policy& policy) {
  const auto& [harm, cause, by] = key;
  Finding finding;
  finding.harm = harm;
  finding.rule = view.rule().meta.name;
  finding.rule_location = view.rule().source.location;
  finding.by = by;
  finding.requests = problem.requests.grouped();
  finding.recorded = by == nullptr ? Level::kNone : by->level;
  finding.needed = problem.needed;
  finding.fields.assign(problem.fields.begin(), problem.fields.end());
  for (const Stage stage : problem.stages) {
    finding.stages.emplace_back(to_text(stage));
  }
  explain(cause, policy, finding);
  return finding;
}

// Entries that fit no request, since the resource lives in another group.
void check_groups(const Policy& policy, std::vector<Finding>& out) {
  for (const PolicyRule& rule : policy.rules) {
    for (const GroupResources& one : rule.resources) {
      for (const std::string& entry : one.resources) {
        const std::string resource = entry.substr(0, entry.find('/'));
        const BuiltIn* const known = find_built_in(resource);
        if (known == nullptr || is_built_in(one.group, resource) || !is_built_in_group(one.group)) {
          continue;
        }
        const auto named = [](std::string_view group) {
          return group.empty() ? std::string("the core group (\"\")")
                               : "group " + std::string(group);
        };
        Finding finding;
        finding.harm = Harm::kPolicy;
        finding.by = &rule;
        finding.recorded = rule.level;
        finding.message = "'" + entry + "' fits no request here: " + named(one.group) + " has no " +
                          resource + ", they are in " + named(known->group);
        finding.advice.push_back("write - {group: " + yaml_text(std::string(known->group)) +
                                 ", resources: [" + yaml_text(entry) + "]}");
        out.push_back(std::move(finding));
      }
    }
  }
}

}  // namespace

std::vector<Finding> check_policy(const Policy& policy, const engine::RuleSet& rules) {
  const std::vector<RuleView> views = views_of(rules);
  const Universe universe = make_universe(views, &policy);
  std::vector<RuleCheck> checks;
  checks.reserve(views.size());
  for (const RuleView& view : views) {
    checks.emplace_back(view, universe);
  }
  for (std::size_t target = 0; target < universe.targets.size(); ++target) {
    const std::vector<Known>& verbs = universe.verbs_of(universe.targets[target]);
    for (std::size_t verb = 0; verb < verbs.size(); ++verb) {
      Facts facts = universe.targets[target].facts;
      facts.verb = verbs[verb];
      std::vector<Decision> made;
      for (std::size_t at = 0; at < views.size(); ++at) {
        if (views[at].judge(facts, {}).full == Tri::kNo) {
          continue;
        }
        made = made.empty() ? decisions(policy, facts) : std::move(made);
        checks[at].look(target, verb, made);
      }
    }
  }
  std::vector<Finding> findings;
  for (std::size_t at = 0; at < views.size(); ++at) {
    for (const auto& [key, problem] : checks[at].take()) {
      findings.push_back(finding_of(views[at], key, problem, policy));
    }
  }
  check_groups(policy, findings);
  return findings;
}

}  // namespace tiercel::analyse
