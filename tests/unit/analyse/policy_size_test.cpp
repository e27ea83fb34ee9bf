// Large policies and many rules: done in time, as the slow way would have it, or refused in words.
#include <chrono>

#include <gtest/gtest.h>

#include "many_rules.h"
#include "policy_support.h"
#include "targets.h"
#include "view_index.h"

namespace tiercel::tests {
namespace {

using analyse::RuleView;

// Far above what it takes (some seconds), below what asking everything about everything takes.
constexpr std::chrono::seconds kInTime{40};

class Stopwatch {
 public:
  [[nodiscard]] bool is_in_time() const { return Clock::now() - begin_ < kInTime; }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point begin_ = Clock::now();
};

// Each rule about users, verbs, a namespace and an object of its own, every other one about a
// resource and an API group of its own too, every fifteenth about users alone.
std::string distinct_rules(std::size_t count) {
  constexpr const char* kLevels[] = {"None", "Metadata", "Request", "RequestResponse"};
  constexpr const char* kVerbs[] = {"get", "list", "watch", "create", "update", "patch", "delete"};
  std::string out;
  for (std::size_t rule = 0; rule < count; ++rule) {
    const std::string number = std::to_string(rule);
    out += std::string("- level: ") + kLevels[rule % 4] + "\n  users: [user" + number + ", other" +
           number + "]\n";
    if (rule % 15 == 0) {
      continue;
    }
    out += std::string("  verbs: [") + kVerbs[rule % 7] + ", " + kVerbs[(rule + 1) % 7] +
           "]\n  namespaces: [ns" + number + "]\n  resources: [{" +
           (rule % 2 == 0 ? "group: \"\", resources: [pods]"
                          : "group: g" + number + ".io, resources: [widgets" + number + "]") +
           ", resourceNames: [name" + number + "]}]\n";
  }
  return out;
}

// Each rule about a resource of its own that Kubernetes does not have.
std::string rules_about_resources(std::size_t count) {
  std::string out;
  for (std::size_t rule = 0; rule < count; ++rule) {
    const std::string number = std::to_string(rule);
    out += "- rule: R" + number + "\n  desc: d\n  output: x\n  priority: NOTICE\n" +
           "  source: k8s_audit\n  condition: ka.verb = create and ka.target.resource = widgets" +
           number + "\n";
  }
  return out;
}

analyse::Policy sample_policy() {
  return policy_of(
      read_file(std::string(TIERCEL_SOURCE_DIR) + "/config/kube-apiserver/audit-policy.yaml"));
}

TEST(PolicySize, ALongPolicyIsChecked) {
  const Stopwatch watch;
  const auto policy = policy_with(distinct_rules(300));
  ASSERT_EQ(policy.rules.size(), 300U);
  EXPECT_FALSE(findings_of(policy, *shipped_rules().rule_set).empty());
  EXPECT_TRUE(watch.is_in_time());
}

TEST(PolicySize, ThousandsOfRulesAreChecked) {
  const auto loaded = load_text(rules_about_resources(3'000));
  ASSERT_NE(loaded.rule_set, nullptr) << base::to_text(loaded.diagnostics);
  const Stopwatch watch;
  const auto policy = sample_policy();
  ASSERT_FALSE(policy.rules.empty());
  (void)findings_of(policy, *loaded.rule_set);
  const auto generated = policy_of(generated_policy(*loaded.rule_set));
  ASSERT_FALSE(generated.rules.empty());
  EXPECT_EQ(harms(findings_of(generated, *loaded.rule_set)), std::vector<std::string>{});
  EXPECT_TRUE(watch.is_in_time());
}

// Each rule about users whose names begin with a text of its own, whatever they do.
std::string rules_about_users(std::size_t count) {
  std::string out;
  for (std::size_t rule = 0; rule < count; ++rule) {
    const std::string number = std::to_string(rule);
    out += "- rule: R" + number + "\n  desc: d\n  output: x\n  priority: NOTICE\n" +
           "  source: k8s_audit\n  condition: ka.stage = ResponseComplete and " +
           "ka.user.name startswith u" + number + "\n";
  }
  return out;
}
std::string policy_of_users(std::size_t count) {
  std::string out;
  for (std::size_t rule = 0; rule < count; ++rule) {
    out += std::string("- level: ") + (rule == 7 ? "None" : "Metadata") + "\n  users: [u" +
           std::to_string(rule) + "]\n";
  }
  return out;
}

// Each is held against all requests of each user, and most users look the same to it.
TEST(PolicySize, HundredsOfRulesThatNameNoResourceAreChecked) {
  const auto loaded = load_text(rules_about_users(150));
  ASSERT_NE(loaded.rule_set, nullptr) << base::to_text(loaded.diagnostics);
  const auto policy = policy_with(policy_of_users(120) + "- level: Metadata\n");
  const Stopwatch watch;
  const auto findings = findings_of(policy, *loaded.rule_set);
  EXPECT_EQ(harms(findings), std::vector<std::string>{"part: R7 @18"});
  EXPECT_TRUE(watch.is_in_time());
}

TEST(PolicySize, ARefusalNamesTheRuleThatCostsMost) {
  const auto loaded = load_text(rules_about_users(20) +
                                "- rule: Long\n  desc: d\n  output: x\n  priority: NOTICE\n"
                                "  source: k8s_audit\n  condition: ka.user.name in (a, b, c, d, e, "
                                "f, g, h, i, j) or ka.req.pod.host_network = true\n"
                                "- rule: Pods\n  desc: d\n  output: x\n  priority: NOTICE\n"
                                "  source: k8s_audit\n  condition: ka.target.resource = pods\n");
  ASSERT_NE(loaded.rule_set, nullptr) << base::to_text(loaded.diagnostics);
  const auto checked =
      analyse::check_policy(policy_with(policy_of_users(20)), *loaded.rule_set, 300'000);
  ASSERT_FALSE(checked);
  EXPECT_NE(checked.error().text().find(
                "rule \"Long\" costs most of all rules; 21 of the rules ask for no "),
            std::string::npos)
      << checked.error().text();
}

TEST(PolicySize, RulesThatAreNotAskedCouldNotMatch) {
  const std::string folder(TIERCEL_SOURCE_DIR);
  const auto loaded =
      load_text(read_file(folder + "/rules/k8s_audit_rules.yaml") + many_rules(200, Subject::kAll) +
                many_rules(50, Subject::kPods) + rules_about_resources(5) +
                "- rule: Prefix\n  desc: d\n  output: x\n  priority: NOTICE\n  source: k8s_audit\n"
                "  condition: ka.target.resource startswith wid or ka.target.resource = pods\n"
                "- rule: Not\n  desc: d\n  output: x\n  priority: NOTICE\n  source: k8s_audit\n"
                "  condition: not ka.target.resource in (pods, widgets1)\n");
  ASSERT_NE(loaded.rule_set, nullptr) << base::to_text(loaded.diagnostics);
  const std::vector<RuleView> views = analyse::views_of(*loaded.rule_set);
  const auto policy = policy_with(distinct_rules(9));
  const auto universe = analyse::make_universe(views, &policy);
  ASSERT_TRUE(universe);
  const analyse::ViewIndex index(views);
  std::size_t left_out = 0;
  for (const analyse::Target& target : universe->targets) {
    analyse::Views all;
    for (const RuleView& view : views) {
      if (view.judge(target.facts, {}).full != analyse::Tri::kNo) {
        all.push_back(&view);
      }
    }
    EXPECT_EQ(index.possible(target.facts), all) << target.group << " " << target.resource;
    left_out += views.size() - index.count(target.facts);
  }
  EXPECT_GT(left_out, universe->targets.size() * views.size() / 3) << "an index that helps little";
}

TEST(PolicySize, WhatWouldTakeTooLongIsRefused) {
  std::string wide;
  for (std::size_t rule = 0; rule < 10; ++rule) {
    const auto list = [&](const char* prefix) {
      std::string out;
      for (std::size_t at = 0; at < 8; ++at) {
        out += (at == 0 ? "" : ", ") + std::string(prefix) + std::to_string(rule * 8 + at);
      }
      return "[" + out + "]\n";
    };
    wide += "- level: Metadata\n  users: " + list("u") + "  userGroups: " + list("g") +
            "  namespaces: " + list("n");
  }
  const auto shipped = shipped_rules();
  const auto checked =
      analyse::check_policy(policy_with(wide), *shipped.rule_set, /*most_steps=*/100'000);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, "policy_too_large");
  EXPECT_NE(checked.error().text().find("the policy's 10 rules and the"), std::string::npos)
      << checked.error().text();
}

TEST(PolicySize, MoreTargetsThanMemoryHoldsAreRefused) {
  std::string groups;
  for (std::size_t group = 0; group < 600; ++group) {
    groups += "- level: Metadata\n  resources: [{group: g" + std::to_string(group) + ".io}]\n";
  }
  const auto loaded = load_text(rules_about_resources(700));
  ASSERT_NE(loaded.rule_set, nullptr) << base::to_text(loaded.diagnostics);
  EXPECT_FALSE(analyse::check_policy(policy_with(groups), *loaded.rule_set));
}

// What the policy alone names is told apart where it is named: groups times resources are many.
TEST(PolicySize, GroupsTimesResourcesOfThePolicyAreNoMatter) {
  std::string rules;
  for (std::size_t rule = 0; rule < 900; ++rule) {
    const std::string number = std::to_string(rule);
    rules += "- level: Metadata\n  resources: [{group: g" + number + ".io, resources: [r" + number +
             "]}]\n";
  }
  const Stopwatch watch;
  EXPECT_FALSE(findings_of(policy_with(rules), *shipped_rules().rule_set).empty());
  EXPECT_TRUE(watch.is_in_time());
}

}  // namespace
}  // namespace tiercel::tests
