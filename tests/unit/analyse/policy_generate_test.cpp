#include "tiercel/analyse/policy_generate.h"

#include <gtest/gtest.h>

#include "policy_support.h"

namespace tiercel::tests {
namespace {

using analyse::Harm;

// Only what the rule itself does, whatever the policy.
bool is_clean(const std::vector<analyse::Finding>& findings) {
  return std::all_of(findings.begin(), findings.end(), [](const analyse::Finding& finding) {
    return finding.harm == Harm::kRepeats;
  });
}

void expect_clean(const engine::RuleSet& rules) {
  const std::string text = generated_policy(rules);
  base::Diagnostics diagnostics;
  const auto policy = analyse::read_policy("generated", text, diagnostics);
  ASSERT_TRUE(policy) << base::to_text(diagnostics) << text;
  EXPECT_TRUE(diagnostics.empty()) << base::to_text(diagnostics);
  const auto findings = findings_of(*policy, rules);
  EXPECT_TRUE(is_clean(findings)) << text
                                  << base::to_text(analyse::to_diagnostics(*policy, findings));
}

std::string generated(const std::string& condition) {
  const auto loaded = load_text("- rule: R\n  desc: d\n  condition: '" + condition +
                                "'\n  output: x\n  priority: NOTICE\n  source: k8s_audit\n");
  EXPECT_NE(loaded.rule_set, nullptr) << base::to_text(loaded.diagnostics);
  expect_clean(*loaded.rule_set);
  const std::string text = generated_policy(*loaded.rule_set);
  return text.substr(text.find("apiVersion"));
}

TEST(PolicyGenerate, IsCleanForTheShippedRules) { expect_clean(*shipped_rules().rule_set); }

TEST(PolicyGenerate, IsCleanForFalcosRules) {
  const std::string rules = external("k8s_audit_rules.yaml");
  if (rules.empty()) {
    GTEST_SKIP() << "TIERCEL_EXTERNAL_FIXTURES is not set";
  }
  expect_clean(*load_text(rules).rule_set);
}

TEST(PolicyGenerate, RecordsNoMoreThanIsNeeded) {
  EXPECT_EQ(generated("ka.stage = ResponseComplete and ka.verb = create and ka.target.resource = "
                      "ingresses and not ka.target.subresource exists and not "
                      "jevt.value[/requestObject/spec/tls] exists"),
            "apiVersion: audit.k8s.io/v1\n"
            "kind: Policy\n"
            "# No rule looks at these.\n"
            "omitStages: [RequestReceived, ResponseStarted]\n"
            "omitManagedFields: true\n"
            "rules:\n"
            "  # Request: R.\n"
            "  - level: Request\n"
            "    verbs: [create]\n"
            "    resources:\n"
            "      - group: networking.k8s.io\n"
            "        resources: [ingresses]\n"
            "  # No rule looks at anything else.\n"
            "  - level: None\n");
  EXPECT_EQ(generated("ka.stage = ResponseComplete and not ka.user.name startswith system:"),
            "apiVersion: audit.k8s.io/v1\n"
            "kind: Policy\n"
            "# No rule looks at these.\n"
            "omitStages: [RequestReceived, ResponseStarted]\n"
            "omitManagedFields: true\n"
            "rules:\n"
            "  # The cluster's own users, who send most requests: no rule looks at what is left of "
            "them.\n"
            "  - level: None\n"
            "    users: [\"system:apiserver\", \"system:kube-controller-manager\", "
            "\"system:kube-proxy\",\n"
            "            \"system:kube-scheduler\"]\n"
            "  - level: None\n"
            "    userGroups: [\"system:nodes\", \"system:serviceaccounts\"]\n"
            "  # Everything else, for R.\n"
            "  - level: Metadata\n");
}

// Whoever reckons with the table must not take a list at RequestResponse for a cheap one.
TEST(PolicyGenerate, SaysWhatIsNotMeasured) {
  const auto loaded = load_text(
      "- rule: R\n  desc: d\n  condition: ka.verb = list and ka.resp.name = a\n  output: x\n"
      "  priority: NOTICE\n  source: k8s_audit\n");
  ASSERT_NE(loaded.rule_set, nullptr) << base::to_text(loaded.diagnostics);
  const std::string text = generated_policy(*loaded.rule_set);
  const std::size_t at = text.find("#   RequestResponse ");
  ASSERT_NE(at, std::string::npos) << text;
  EXPECT_EQ(text.substr(text.find('\n', at) + 1)
                .find("# Responses of reads are not measured: at RequestResponse a list holds all "
                      "it lists.\napiVersion"),
            0U)
      << text;
}

TEST(PolicyGenerate, LeavesResponseStartedToWhatLasts) {
  const auto has = [](const std::string& condition, const std::string& text) {
    return generated(condition).find(text) != std::string::npos;
  };
  EXPECT_TRUE(has("ka.verb = create and ka.target.resource = secrets",
                  "omitStages: [RequestReceived, ResponseStarted]\n"));
  EXPECT_TRUE(
      has("ka.verb = watch and ka.target.resource = secrets", "omitStages: [RequestReceived]\n"));
}

TEST(PolicyGenerate, RecordsNewResourcesOfKnownGroups) {
  EXPECT_NE(
      generated("ka.stage = ResponseComplete and ka.verb = create and ka.target.apigroup = "
                "admissionregistration.k8s.io and ka.target.resource = "
                "mutatingadmissionpolicies")
          .find(
              "      - group: admissionregistration.k8s.io\n"
              "        resources: [mutatingadmissionpolicies, \"mutatingadmissionpolicies/*\"]\n"),
      std::string::npos);
}

TEST(PolicyGenerate, HandlesRulesAboutAnything) {
  for (const char* const condition :
       {"ka.verb exists", "ka.stage = RequestReceived", "ka.req.pod.host_network = true",
        "ka.target.resource = ciliumnetworkpolicies and ka.resp.name = a",
        "ka.target.apigroup = cilium.io and ka.target.resource = x and ka.req.configmap.obj exists",
        "ka.verb = list", "not ka.target.resource = pods and ka.stage = ResponseComplete",
        "jevt.obj contains a", "ka.target.subresource exists and ka.verb = get",
        "jevt.value[/responseObject/metadata/managedFields/0/manager] = a",
        "ka.user.name = system:kube-scheduler and ka.verb = create and ka.stage = Panic",
        "ka.verb = custom and ka.target.resource = pods"}) {
    SCOPED_TRACE(condition);
    (void)generated(condition);
  }
}

}  // namespace
}  // namespace tiercel::tests
