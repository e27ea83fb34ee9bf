#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "decisions.h"
#include "effort.h"
#include "grouping.h"
#include "rule_view.h"

namespace tiercel::analyse {

/// Why requests are not seen.
enum class Cause : std::uint8_t { kLevel, kNotRecorded, kStage };

/// What one rule of the policy does to the rule.
struct Problem {
  explicit Problem(const Universe& universe) : requests(universe) {}
  RequestSet requests;
  Level needed = Level::kMetadata;
  std::set<Stage> stages;
  std::set<std::string> fields;
};
using ProblemKey = std::tuple<Harm, Cause, const PolicyRule*>;

/// One rule against everything that the policy decides. Policies split requests by users and
/// names that the rule does not read: it is asked once about all that look the same to it.
class RuleCheck {
 public:
  RuleCheck(const RuleView& rule, const Universe& universe) : rule_(rule), universe_(universe) {}

  /// Looks at all decisions about one verb for one target. The facts' stage is changed on the way.
  void look(std::size_t target, std::size_t verb, std::vector<Decision>& decisions, Effort& effort);

  [[nodiscard]] std::map<ProblemKey, Problem> take();

 private:
  struct Harmed {
    Harm harm = Harm::kPart;
    Cause cause = Cause::kLevel;
    Level needed = Level::kMetadata;
    std::set<Stage> stages;
    std::set<std::string> fields;
  };
  struct Outcome {
    bool is_alive = false;  // the rule can match these events as they are recorded
    std::vector<Harmed> harms;
  };

  [[nodiscard]] std::string signature(const Decision& decision) const;
  [[nodiscard]] Outcome outcome_of(Decision& decision, Effort& effort) const;
  bool look(const PolicyRule* by, const Facts& facts, Outcome& out) const;
  [[nodiscard]] Harmed harmed(Harm harm, const std::vector<const BodyField*>& fields,
                              const Facts& facts) const;

  const RuleView& rule_;
  const Universe& universe_;
  std::map<ProblemKey, Problem> problems_;
  bool is_alive_ = false;
};

}  // namespace tiercel::analyse
