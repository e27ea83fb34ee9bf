#include <gtest/gtest.h>

#include "policy_support.h"

namespace tiercel::tests {
namespace {

using analyse::Finding;
using analyse::Harm;
using analyse::Level;

std::string rule(const std::string& condition, const std::string& output = "x") {
  return "- rule: R\n  desc: d\n  condition: '" + condition + "'\n  output: '" + output +
         "'\n  priority: NOTICE\n  source: k8s_audit\n";
}

std::vector<std::string> check(const std::string& condition, const std::string& policy,
                               const std::string& output = "x") {
  const auto loaded = load_text(rule(condition, output));
  EXPECT_NE(loaded.rule_set, nullptr) << base::to_text(loaded.diagnostics);
  const analyse::Policy read = policy_with(policy);
  EXPECT_FALSE(read.rules.empty()) << policy;
  return harms(findings_of(read, *loaded.rule_set));
}

using Harms = std::vector<std::string>;

TEST(PolicyCheck, KnowsWhatAMissingFieldDoes) {
  const std::string pods =
      "ka.stage = ResponseComplete and ka.verb = create and "
      "ka.target.resource = pods and not ka.target.subresource exists";
  const std::string metadata = "- level: Metadata\n";
  const std::string image = " and ka.req.pod.containers.image intersects (a)";
  EXPECT_EQ(check(pods, metadata), Harms{});
  EXPECT_EQ(check(pods + image, metadata), Harms{"never: R @4"});
  EXPECT_EQ(check(pods + image, "- level: Request\n"), Harms{});
  EXPECT_EQ(check(pods + " and ka.resp.name = a", "- level: Request\n"), Harms{"never: R @4"});
  EXPECT_EQ(check(pods + " and not ka.req.pod.host_network = true", metadata),
            Harms{"misfires: R @4"});
  EXPECT_EQ(check(pods + " and (ka.req.pod.host_network = true or ka.user.name = a)", metadata),
            Harms{"part: R @4"});
  EXPECT_EQ(check(pods + image + " and not ka.req.pod.host_network = true", metadata),
            Harms{"never: R @4"})
      << "what cannot fire cannot misfire";
  EXPECT_EQ(check(pods, metadata, "%ka.req.pod.containers.image"), Harms{"output: R @4"});
  EXPECT_EQ(check(pods + " and jevt.value[/requestObject/spec] exists", metadata),
            Harms{"never: R @4"});
  EXPECT_EQ(check(pods + " and concat(ka.req.pod.host_ipc, \"a\") = truea", metadata),
            Harms{"never: R @4"});
  EXPECT_EQ(check(pods + " and ka.user.name = val(ka.resp.name)", "- level: Request\n"),
            Harms{"never: R @4"});
}

TEST(PolicyCheck, ReadsTheResultOfAPatch) {
  const std::string written =
      "ka.stage = ResponseComplete and ka.target.resource = deployments and "
      "ka.workload.host_network = true and ka.verb = ";
  EXPECT_EQ(check(written + "create", "- level: Request\n"), Harms{});
  EXPECT_EQ(check(written + "patch", "- level: Request\n"), Harms{"never: R @4"});
  EXPECT_EQ(check(written + "patch", "- level: RequestResponse\n"), Harms{});
}

TEST(PolicyCheck, TheFirstRuleOfThePolicyWins) {
  const std::string secrets =
      "ka.stage = ResponseComplete and ka.verb = get and ka.target.resource = secrets";
  EXPECT_EQ(check(secrets,
                  "- level: None\n  resources: [{group: \"\", resources: [secrets]}]\n"
                  "- level: Metadata\n"),
            Harms{"never: R @4"});
  EXPECT_EQ(check(secrets,
                  "- level: Metadata\n"
                  "- level: None\n  resources: [{group: \"\", resources: [secrets]}]\n"),
            Harms{});
  EXPECT_EQ(check(secrets, "- level: Metadata\n  verbs: [list]\n"), Harms{"never: R @end"});
  EXPECT_EQ(check(secrets, "- level: None\n  users: [a]\n- level: Metadata\n"),
            Harms{"part: R @4"});
  EXPECT_EQ(check(secrets + " and not ka.user.name in (a, b)",
                  "- level: None\n  users: [a]\n- level: Metadata\n"),
            Harms{});
  EXPECT_EQ(check(secrets + " and ka.target.namespace in (a, b)",
                  "- level: Metadata\n  namespaces: [a, b]\n- level: None\n"),
            Harms{})
      << "nothing is left for the last rule";
  EXPECT_EQ(check(secrets, "- level: None\n  namespaces: [a]\n- level: Metadata\n"),
            Harms{"part: R @4"});
  EXPECT_EQ(check(secrets,
                  "- level: Metadata\n  users: [a]\n"
                  "- level: None\n  users: [a]\n- level: Metadata\n"),
            Harms{})
      << "the second rule decides about nobody";
}

TEST(PolicyCheck, KnowsWhoIsInAGroup) {
  const std::string reads =
      "ka.stage = ResponseComplete and ka.verb = get and "
      "ka.target.resource = secrets and not ka.user.name startswith system:";
  const auto without = [](const std::string& group) {
    return "- level: None\n  userGroups: [\"" + group + "\"]\n- level: Metadata\n";
  };
  EXPECT_EQ(check(reads, without("system:nodes")), Harms{});
  EXPECT_EQ(check(reads, without("system:serviceaccounts")), Harms{});
  EXPECT_EQ(check(reads, without("system:unauthenticated")), Harms{});
  EXPECT_EQ(check(reads, without("system:masters")), Harms{"part: R @4"});
  EXPECT_EQ(check("ka.stage = ResponseComplete and ka.user.name = system:anonymous",
                  without("system:authenticated")),
            Harms{});
}

TEST(PolicyCheck, KnowsStages) {
  const std::string exec = "ka.target.subresource = exec";
  const std::string late = "- level: Metadata\n  omitStages: [ResponseStarted]\n";
  EXPECT_EQ(check("ka.stage = ResponseStarted and " + exec, late), Harms{"never: R @4"});
  EXPECT_EQ(check("ka.stage in (ResponseStarted, ResponseComplete) and " + exec, late),
            Harms{"part: R @4"});
  EXPECT_EQ(check("ka.stage = ResponseComplete and " + exec, late), Harms{});
  EXPECT_EQ(check(exec, "- level: Metadata\n"), Harms{"repeats: R @4"});
  EXPECT_EQ(check("jevt.value[/stage] = ResponseStarted and " + exec, late), Harms{"never: R @4"});
}

TEST(PolicyCheck, OnlyWhatLastsHasResponseStarted) {
  const std::string creates = "ka.verb = create and ka.target.resource = secrets";
  const std::string usual = "- level: Metadata\n  omitStages: [RequestReceived, ResponseStarted]\n";
  EXPECT_EQ(check(creates, usual), Harms{});
  EXPECT_EQ(check(creates, "- level: Metadata\n  omitStages: [ResponseComplete]\n"),
            Harms{"never: R @4"});
  EXPECT_EQ(check("ka.target.subresource = exec", usual), Harms{"part: R @4"});
  EXPECT_EQ(check("ka.verb = watch and ka.target.resource = secrets", usual), Harms{"part: R @4"});
}

// kube-apiserver decides about a create before it knows the object's name.
TEST(PolicyCheck, ACreatedObjectHasNoNameYet) {
  const std::string named = "ka.stage = ResponseComplete and ka.target.name = a and ";
  const std::string creates = named +
                              "ka.verb = create and ka.target.resource = configmaps and "
                              "not ka.target.subresource exists";
  const std::string updates = named + "ka.verb = update and ka.target.resource = configmaps";
  const auto with = [](const std::string& level, const std::string& resource,
                       const std::string& name) {
    return "- level: " + level + "\n  resources: [{group: \"\", resources: [" + resource +
           "], resourceNames: [" + name + "]}]\n";
  };
  const std::string kept = with("Metadata", "configmaps", "a") + "- level: None\n";
  const std::string left_out = with("None", "configmaps", "a") + "- level: Metadata\n";
  EXPECT_EQ(check(updates, kept), Harms{});
  EXPECT_EQ(check(creates, kept), Harms{"never: R @6"});
  EXPECT_EQ(check(updates, left_out), Harms{"never: R @4"});
  EXPECT_EQ(check(creates, left_out), Harms{});
  EXPECT_EQ(check(creates, with("None", "configmaps", "\"\"") + "- level: Metadata\n"),
            Harms{"never: R @4"});
  const std::string evicts = named +
                             "ka.verb = create and ka.target.resource = pods and "
                             "ka.target.subresource = eviction";
  EXPECT_EQ(check(evicts, with("Metadata", "pods/eviction", "a") + "- level: None\n"), Harms{});
  // Of a resource that the table lacks the subresource is not known.
  const std::string others = named +
                             "ka.verb = create and ka.target.resource = widgets and "
                             "ka.target.apigroup = x.io";
  const auto widgets = [](const std::string& level) {
    return "- level: " + level +
           "\n  resources: [{group: x.io, resources: [\"*\"], resourceNames: [a]}]\n";
  };
  EXPECT_EQ(check(others, widgets("Metadata") + "- level: None\n"), Harms{"part: R @6"});
  EXPECT_EQ(check(others, widgets("None") + "- level: Metadata\n"), Harms{"part: R @4"});
}

TEST(PolicyCheck, WhatTheTableLacksMayLiveInAnyGroup) {
  const std::string about = "ka.stage = ResponseComplete and ka.target.resource = ";
  const auto without = [](const std::string& group) {
    return "- level: None\n  resources: [{group: " + group + "}]\n- level: RequestResponse\n";
  };
  const std::string admission = without("admissionregistration.k8s.io");
  EXPECT_EQ(check(about + "mutatingadmissionpolicies", admission), Harms{"part: R @4"});
  EXPECT_EQ(check(about + "mutatingadmissionpolicies and ka.target.apigroup = "
                          "admissionregistration.k8s.io",
                  admission),
            Harms{"never: R @4"});
  EXPECT_EQ(check(about + "mutatingadmissionpolicies and ka.target.apigroup = x.io", admission),
            Harms{});
  EXPECT_EQ(check(about + "widgets", without("\"\"")), Harms{"part: R @4"});
  EXPECT_EQ(check(about + "secrets", admission), Harms{}) << "known to live elsewhere";
}

TEST(PolicyCheck, TellsPathsApart) {
  const std::string anyone = "ka.stage = ResponseComplete and not ka.target.resource exists and ";
  const std::string health = "- level: None\n  nonResourceURLs: [/healthz]\n- level: Metadata\n";
  EXPECT_EQ(check(anyone + "not (ka.uri = /healthz or ka.uri startswith \"/healthz?\")", health),
            Harms{});
  EXPECT_EQ(check(anyone + "ka.uri exists", health), Harms{"part: R @4"});
  EXPECT_EQ(check(anyone + "ka.uri startswith /api",
                  "- level: None\n  nonResourceURLs: [\"/healthz*\"]\n- level: Metadata\n"),
            Harms{});
}

TEST(PolicyCheck, SaysWhatToDo) {
  const auto loaded =
      load_text(rule("ka.stage = ResponseComplete and ka.verb = create and "
                     "ka.target.resource = ingresses and not "
                     "ka.target.subresource exists and not "
                     "jevt.value[/requestObject/spec/tls] exists"));
  const auto policy = policy_with("- level: Metadata\n");
  const auto findings = findings_of(policy, *loaded.rule_set);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(base::to_text(analyse::to_diagnostics(policy, findings)),
            "policy.yaml:4:3: warning: rule \"R\" fires where it should not: create on ingresses "
            "(networking.k8s.io) recorded at level Metadata, without "
            "jevt.value[/requestObject/spec/tls], whose absence makes a negated check true "
            "[policy_misfires]\n"
            "  - level: Metadata\n"
            "    ^\n"
            "  note: add before line 4:  - {level: Request, verbs: [create], resources: [{group: "
            "networking.k8s.io, resources: [ingresses]}]}\n"
            "  note: the rule stands in rules.yaml:1\n"
            "0 errors, 1 warning\n");
  const auto json = nlohmann::json::parse(analyse::to_json(policy, findings));
  EXPECT_EQ(json["findings"][0]["harm"], "misfires");
  EXPECT_EQ(json["findings"][0]["line"], 4);
  EXPECT_EQ(json["findings"][0]["needed"], "Request");
  EXPECT_EQ(json["findings"][0]["requests"][0]["resources"][0]["resource"], "ingresses");
}

TEST(PolicyCheck, AdviceMendsWhatItIsGivenFor) {
  const std::string head = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n";
  const std::string last = "- level: Metadata\n";
  const auto shipped = shipped_rules();
  const auto policy = policy_of(head + last);
  const auto findings = findings_of(policy, *shipped.rule_set);
  EXPECT_GT(findings.size(), 5U);
  // The highest level first, since entries of different rules overlap.
  std::string added;
  for (const Level level : {Level::kRequestResponse, Level::kRequest}) {
    for (const Finding& finding : findings) {
      for (const std::string& line : finding.add) {
        added += finding.needed == level ? line + "\n" : "";
      }
    }
  }
  EXPECT_EQ(harms(findings_of(policy_of(head + added + last), *shipped.rule_set)), Harms{});
}

TEST(PolicyCheck, FindsResourcesInTheWrongGroup) {
  EXPECT_EQ(check("ka.stage = Panic",
                  "- level: Metadata\n  resources: [{group: \"\", resources: "
                  "[pods, deployments]}]\n- level: Metadata\n"),
            Harms{"policy:  @4"});
}

TEST(PolicyCheck, TheSamplePolicySufficesForTheShippedRules) {
  const auto policy = policy_of(
      read_file(std::string(TIERCEL_SOURCE_DIR) + "/config/kube-apiserver/audit-policy.yaml"));
  ASSERT_FALSE(policy.rules.empty());
  const auto findings = findings_of(policy, *shipped_rules().rule_set);
  EXPECT_TRUE(findings.empty()) << base::to_text(analyse::to_diagnostics(policy, findings));
}

// What is known to be wrong with Falco's rules under the policy that Falco ships.
TEST(PolicyCheck, FindsTheDefectsOfFalcosPolicy) {
  const std::string text = external("audit-policy.yaml");
  if (text.empty()) {
    GTEST_SKIP() << "TIERCEL_EXTERNAL_FIXTURES is not set";
  }
  const auto rules = load_text(external("k8s_audit_rules.yaml"));
  const auto policy = policy_of(text);
  ASSERT_FALSE(policy.rules.empty());
  const auto findings = findings_of(policy, *rules.rule_set);
  const std::string all = base::to_text(analyse::to_diagnostics(policy, findings));

  EXPECT_NE(find_harm(findings, Harm::kMisfires, "Ingress Object without TLS Certificate Created"),
            nullptr)
      << "fires on every ingress";
  for (const char* const name :
       {"ClusterRole With Wildcard Created", "ClusterRole With Write Privileges Created",
        "ClusterRole With Pod Exec Created"}) {
    const Finding* const part = find_harm(findings, Harm::kPart, name);
    ASSERT_NE(part, nullptr) << name << "\n" << all;
    EXPECT_EQ(analyse::to_text(part->requests), "create on roles (rbac.authorization.k8s.io)");
  }
  EXPECT_NE(find_harm(findings, Harm::kOutput, "K8s Role Created"), nullptr) << all;
  EXPECT_NE(find_harm(findings, Harm::kOutput, "K8s RoleBinding Created"), nullptr)
      << "subjects print <NA>";
  EXPECT_NE(find_harm(findings, Harm::kRepeats, "port-forward"), nullptr)
      << "an alert for each stage";
  const Finding* const group = find_harm(findings, Harm::kPolicy, "");
  ASSERT_NE(group, nullptr);
  EXPECT_NE(group->message.find("'deployments' fits no request here"), std::string::npos);
}

}  // namespace
}  // namespace tiercel::tests
