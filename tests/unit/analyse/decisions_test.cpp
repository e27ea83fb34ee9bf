// Which part of the requests each rule of a policy decides about, against kube-apiserver's own way:
// one request at a time, the first rule that fits.
#include "decisions.h"

#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "policy_support.h"

namespace tiercel::tests {
namespace {

using analyse::Decision;
using analyse::Facts;
using analyse::Known;
using analyse::Tri;

constexpr std::size_t kTexts = 4;

// Rules about gets of pods that overlap in all they can ask for.
analyse::Policy random_policy(std::mt19937& random, std::size_t rules) {
  const auto list = [&](char prefix) {
    std::string out;
    for (std::size_t at = 0; at < kTexts; ++at) {
      if (random() % 3 == 0) {
        out += (out.empty() ? "" : ", ") + std::string(1, prefix) + std::to_string(at);
      }
    }
    return "[" + (out.empty() ? std::string(1, prefix) + "0" : out) + "]";
  };
  std::string out;
  for (std::size_t rule = 0; rule < rules; ++rule) {
    out += "- level: Metadata\n";
    out += random() % 2 == 0 ? "  users: " + list('u') + "\n" : "";
    out += random() % 3 == 0 ? "  userGroups: " + list('g') + "\n" : "";
    out += random() % 2 == 0 ? "  namespaces: " + list('n') + "\n" : "";
    out += random() % 4 == 0 ? "  verbs: [create, get]\n" : "";
    out += "  resources: [{group: \"\", resources: [pods]";
    out += random() % 2 == 0 ? ", resourceNames: " + list('o') + "}]\n" : "}]\n";
  }
  return policy_with(out);
}

Facts gets_of_pods() {
  Facts facts;
  facts.verb = Known::exact("get");
  facts.group = Known::absent();
  facts.resource = Known::exact("pods");
  facts.subresource = Known::absent();
  return facts;
}

std::vector<Decision> all_decisions(const analyse::Policy& policy) {
  analyse::Effort effort(std::numeric_limits<std::uint64_t>::max());
  const Facts facts = gets_of_pods();
  return analyse::decisions(analyse::rules_about(policy, facts, effort), facts, effort);
}

const analyse::PolicyRule* rule_for(const analyse::Policy& policy, const std::string& user,
                                    std::vector<std::string_view> groups, const std::string& space,
                                    const std::string& name) {
  analyse::Request request;
  request.user = user;
  request.groups = std::move(groups);
  request.verb = "get";
  request.is_resource = true;
  request.resource = "pods";
  request.space = space;
  request.name = name;
  return analyse::decide(policy, request);
}

// As known, or one that no rule names.
std::string some_text(const Known& known) {
  return known.kind == Known::Kind::kExact ? known.text : "other";
}

TEST(Decisions, EachPartIsItsRulesAndEachRequestInOne) {
  for (std::uint32_t seed = 0; seed < 40; ++seed) {
    std::mt19937 random(seed);
    const analyse::Policy policy = random_policy(random, 30);
    ASSERT_EQ(policy.rules.size(), 30U);
    const std::vector<Decision> made = all_decisions(policy);
    for (const Decision& one : made) {
      const std::vector<std::string_view> groups = one.facts.in_groups.all();
      EXPECT_EQ(rule_for(policy, some_text(one.facts.user), groups, some_text(one.facts.space),
                         some_text(one.facts.name)),
                one.rule)
          << "seed " << seed << ": a part of another rule";
    }
    for (std::size_t round = 0; round < 300; ++round) {
      const auto pick = [&](const char* prefix) {
        return prefix + std::to_string(random() % (kTexts + 1));  // one that no rule names, too
      };
      const std::string user = pick("u");
      const std::string group = pick("g");
      const std::string space = pick("n");
      const std::string name = pick("o");
      const auto* const rule = rule_for(policy, user, {group}, space, name);
      const bool is_found = std::any_of(made.begin(), made.end(), [&](const Decision& one) {
        const Facts& facts = one.facts;
        const std::vector<std::string_view> wanted = facts.in_groups.all();
        const bool is_of_groups =
            !facts.not_in_groups.contains(group) &&
            std::all_of(wanted.begin(), wanted.end(),
                        [&](const auto& one_of_them) { return one_of_them == group; });
        return one.rule == rule && is_of_groups && is_text(facts.user, user) != Tri::kNo &&
               is_text(facts.space, space) != Tri::kNo && is_text(facts.name, name) != Tri::kNo;
      });
      EXPECT_TRUE(is_found) << "seed " << seed << ": no part has " << user << " " << group << " "
                            << space << " " << name;
    }
  }
}

TEST(Decisions, StopWhereTheEffortIsSpent) {
  std::mt19937 random(1);
  const analyse::Policy policy = random_policy(random, 30);
  const Facts facts = gets_of_pods();
  analyse::Effort effort(100);
  const auto made = analyse::decisions(analyse::rules_about(policy, facts, effort), facts, effort);
  EXPECT_TRUE(effort.is_spent());
  EXPECT_LT(made.size(), all_decisions(policy).size());
}

}  // namespace
}  // namespace tiercel::tests
