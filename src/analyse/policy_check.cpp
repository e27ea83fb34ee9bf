#include "tiercel/analyse/policy_check.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "decisions.h"
#include "resources.h"
#include "rule_check.h"
#include "targets.h"
#include "view_index.h"

namespace tiercel::analyse {

namespace {

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
    std::string advice = "add ";
    finding.advice.push_back(advice.append(before).append(":  ").append(rule));
  }
}

Finding finding_of(const RuleView& view, const ProblemKey& key, const Problem& problem,
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

std::string named_group(std::string_view group) {
  return group.empty() ? "the core group (\"\")" : "group " + std::string(group);
}

std::string in_other_group(const std::string& entry, std::string_view group,
                           const std::string& resource, std::string_view right) {
  return "'" + entry + "' fits no request here: " + named_group(group) + " has no " + resource +
         ", they are in " + named_group(right);
}

std::string fitting_entry(std::string_view group, const std::string& entry) {
  return "write - {group: " + yaml_text(std::string(group)) + ", resources: [" + yaml_text(entry) +
         "]}";
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
        Finding finding;
        finding.harm = Harm::kPolicy;
        finding.by = &rule;
        finding.recorded = rule.level;
        finding.message = in_other_group(entry, one.group, resource, known->group);
        finding.advice.push_back(fitting_entry(known->group, entry));
        out.push_back(std::move(finding));
      }
    }
  }
}

// Where rules take most of the effort, one is worth a name that takes half of it, or so many times
// its share.
constexpr std::uint64_t kMuch = 2;

// All rules against everything that the policy decides.
class Checks {
 public:
  Checks(const Policy& policy, const std::vector<RuleView>& views, const Universe& universe,
         std::uint64_t most_steps)
      : policy_(policy),
        views_(views),
        universe_(universe),
        index_(views),
        most_steps_(most_steps),
        effort_(most_steps) {
    checks_.reserve(views.size());
    spent_.resize(views.size());
    for (const RuleView& view : views) {
      checks_.emplace_back(view, universe);
    }
  }

  // False where it is too much.
  bool run() {
    for (std::size_t target = 0; target < universe_.targets.size(); ++target) {
      look(target);
      if (effort_.is_spent()) {
        return false;
      }
    }
    return true;
  }

  // What much of the effort went to, as sentences; empty where that was no rule.
  [[nodiscard]] std::string costliest() const {
    std::string out;
    const std::uint64_t all = std::accumulate(spent_.begin(), spent_.end(), std::uint64_t{0});
    const auto most = std::max_element(spent_.begin(), spent_.end());
    if (most != spent_.end() && all > most_steps_ / 2 &&
        (*most > all / 2 || *most > kMuch * all / spent_.size())) {
      const RuleView& view = views_[static_cast<std::size_t>(most - spent_.begin())];
      out += "; rule \"" + view.rule().meta.name + "\" costs most of all rules";
    }
    if (index_.anywhere() != 0) {
      out += "; " + std::to_string(index_.anywhere()) +
             " of the rules ask for no resource, so that they are held against all requests: let "
             "them ask for ka.target.resource where they can";
    }
    return out;
  }

  [[nodiscard]] std::vector<Finding> findings() {
    std::vector<Finding> out;
    for (std::size_t at = 0; at < views_.size(); ++at) {
      for (const auto& [key, problem] : checks_[at].take()) {
        out.push_back(finding_of(views_[at], key, problem, policy_));
      }
    }
    return out;
  }

 private:
  void look(std::size_t target) {
    Facts facts = universe_.targets[target].facts;
    effort_.spend(1 + index_.count(facts));
    const Views possible = index_.possible(facts);
    if (possible.empty()) {
      return;
    }
    const std::vector<const PolicyRule*> about = rules_about(policy_, facts, effort_);
    const std::vector<Known>& verbs = universe_.verbs_of(universe_.targets[target]);
    for (std::size_t verb = 0; verb < verbs.size() && !effort_.is_spent(); ++verb) {
      facts.verb = verbs[verb];
      effort_.spend(1 + possible.size());
      std::vector<Decision> made;
      for (const RuleView* const view : possible) {
        if (!view->can_match(facts)) {
          continue;
        }
        made = made.empty() ? decisions(about, facts, effort_) : std::move(made);
        if (effort_.is_spent()) {
          return;
        }
        const auto at = static_cast<std::size_t>(view - views_.data());
        const std::uint64_t before = effort_.left();
        checks_[at].look(target, verb, made, effort_);
        spent_[at] += before - effort_.left();
      }
    }
  }

  const Policy& policy_;
  const std::vector<RuleView>& views_;
  const Universe& universe_;
  ViewIndex index_;
  std::vector<RuleCheck> checks_;
  std::vector<std::uint64_t> spent_;  // by each of them
  const std::uint64_t most_steps_;
  Effort effort_;
};

base::Error too_much(const Policy& policy, std::size_t rules, const std::string& costliest) {
  return {"policy_too_large",
          "the policy's " + std::to_string(policy.rules.size()) + " rules and the " +
              std::to_string(rules) +
              " loaded ones tell apart more requests than a check looks at" + costliest +
              "; check fewer rules at a time (-r FILE, -t TAG), or shorten the lists of users, "
              "groups, namespaces and names in the policy",
          policy.file};
}

}  // namespace

base::Result<std::vector<Finding>> check_policy(const Policy& policy, const engine::RuleSet& rules,
                                                std::uint64_t most_steps) {
  const std::vector<RuleView> views = views_of(rules);
  const std::optional<Universe> universe = make_universe(views, &policy);
  if (!universe) {
    return too_much(policy, views.size(), {});
  }
  Checks checks(policy, views, *universe, most_steps);
  if (!checks.run()) {
    return too_much(policy, views.size(), checks.costliest());
  }
  std::vector<Finding> findings = checks.findings();
  check_groups(policy, findings);
  return findings;
}

}  // namespace tiercel::analyse
