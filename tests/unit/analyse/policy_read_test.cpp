#include <gtest/gtest.h>

#include "policy_support.h"

namespace tiercel::tests {
namespace {

using analyse::Level;
using analyse::Request;

constexpr const char* kHead = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";

// "line: severity: message" of the first finding.
std::string first(const std::string& text) {
  base::Diagnostics diagnostics;
  const bool is_read = analyse::read_policy("p.yaml", text, diagnostics).has_value();
  if (diagnostics.empty()) {
    return is_read ? "read" : "nothing";
  }
  EXPECT_NE(is_read, diagnostics.has_errors());
  const base::Diagnostic& one = diagnostics.list().front();
  return std::to_string(one.location.line) +
         (one.severity == base::Severity::kError ? ": error: " : ": warning: ") + one.message;
}

TEST(PolicyRead, RefusesWhatKubeApiserverRefuses) {
  const struct {
    const char* rules;
    const char* want;
  } kCases[] = {
      {"rules: []\n",
       "3: error: the policy has no rules: kube-apiserver refuses it and does not start"},
      {"rules:\n- users: [a]\n", "4: error: the rule has no level"},
      {"rules:\n- level: Metadatas\n", "4: error: there is no level 'Metadatas'"},
      {"rules:\n- level: Metadata\n  omitStages: [RequestRecieved]\n",
       "5: error: there is no stage 'RequestRecieved'"},
      {"rules:\n- level: None\n  resources: [{group: \"\"}]\n  nonResourceURLs: [\"/a\"]\n",
       "6: error: a rule cannot be about resources and nonResourceURLs at once"},
      {"rules:\n- level: None\n  namespaces: [a]\n  nonResourceURLs: [\"/a\"]\n",
       "6: error: a rule cannot be about resources and nonResourceURLs at once"},
      {"rules:\n- level: None\n  nonResourceURLs: [a]\n",
       "5: error: 'a' does not begin with a slash"},
      {"rules:\n- level: None\n  nonResourceURLs: [\"/a*b\"]\n",
       "5: error: in '/a*b' the asterisk is not the last character"},
      {"rules:\n- level: None\n  resources: [{group: apps/v1}]\n",
       "5: error: 'apps/v1' is no API group"},
      {"rules:\n- level: None\n  resources: [{group: \"\", resourceNames: [a]}]\n",
       "5: error: resourceNames needs at least one resource"},
      {"rules:\n- level: None\n  resources: [pods]\n",
       "5: error: an entry of resources is a map with group and resources, this is a text"},
      {"rules:\n- level: None\n  verbs: get\n",
       "5: error: verbs is a list of texts, this is a text"},
      {"rules:\n- level: None\n  verb: [get]\n",
       "5: warning: kube-apiserver skips over the unknown key 'verb'"},
      {"rules:\n- level: None\n  nonResourceURLs: [\"*\", \"/a\", \"/b*\"]\n", "read"},
  };
  for (const auto& one : kCases) {
    EXPECT_EQ(first(std::string(kHead) + one.rules), one.want) << one.rules;
  }
  EXPECT_EQ(
      first("apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules: [{level: None}]\n"),
      "1: error: kube-apiserver knows no apiVersion 'audit.k8s.io/v1beta1' of audit policies");
  EXPECT_EQ(first("apiVersion: audit.k8s.io/v1\nkind: Pod\nrules: [{level: None}]\n"),
            "2: error: this is of kind 'Pod'");
  EXPECT_EQ(first("a: [\n").substr(0, 20), "2: error: not well-f");
}

TEST(PolicyRead, UnitesOmittedStages) {
  const auto policy = policy_of(std::string(kHead) +
                                "omitStages: [RequestReceived]\nomitManagedFields: true\n"
                                "rules:\n- level: None\n  omitStages: [Panic]\n"
                                "- level: None\n  omitManagedFields: false\n");
  ASSERT_EQ(policy.rules.size(), 2U);
  EXPECT_EQ(policy.rules[0].omitted,
            analyse::bit(analyse::Stage::kRequestReceived) | analyse::bit(analyse::Stage::kPanic));
  EXPECT_TRUE(policy.rules[0].omit_managed_fields);
  EXPECT_FALSE(policy.rules[1].omit_managed_fields);
}

TEST(PolicyMatch, DecidesAsKubeApiserverDoes) {
  const struct {
    const char* rule;
    bool want;
  } kCases[] = {
      {"resources: [{group: \"\", resources: [pods]}]", false},
      {"resources: [{group: \"\", resources: [pods/log]}]", true},
      {"resources: [{group: \"\", resources: [\"pods/*\"]}]", true},
      {"resources: [{group: \"\", resources: [\"*/log\"]}]", true},
      {"resources: [{group: \"\", resources: [\"*/exec\"]}]", false},
      {"resources: [{group: \"\", resources: [\"*\"]}]", true},
      {"resources: [{group: \"\"}]", true},
      {"resources: [{group: apps}]", false},
      {"resources: [{group: \"\", resources: [pods/log], resourceNames: [web]}]", true},
      {"resources: [{group: \"\", resources: [pods/log], resourceNames: [db]}]", false},
      {"namespaces: [default]", true},
      {"namespaces: [\"\"]", false},
      {"users: [alice]", true},
      {"users: [bob]", false},
      {"userGroups: [b, dev]", true},
      {"userGroups: [b], users: [alice]", false},
      {"verbs: [get]", true},
      {"verbs: [list]", false},
      {"nonResourceURLs: [\"*\"]", false},
  };
  Request request;
  request.user = "alice";
  request.groups = {"a", "dev"};
  request.verb = "get";
  request.is_resource = true;
  request.resource = "pods";
  request.subresource = "log";
  request.space = "default";
  request.name = "web";
  for (const auto& one : kCases) {
    const auto policy = policy_with(std::string("- {level: Metadata, ") + one.rule + "}\n");
    ASSERT_EQ(policy.rules.size(), 1U) << one.rule;
    EXPECT_EQ(analyse::decide(policy, request) != nullptr, one.want) << one.rule;
  }
  const auto fits = [&](const std::string& resource, const std::string& name) {
    return analyse::decide(
               policy_with("- {level: Metadata, resources: [{group: \"\", resources: [" + resource +
                           "], resourceNames: [" + name + "]}]}\n"),
               request) != nullptr;
  };
  request.verb = "create";
  request.subresource = "eviction";
  EXPECT_TRUE(fits("pods/eviction", "web"));
  request.subresource = "";
  EXPECT_FALSE(fits("pods", "web")) << "the name of a new object comes with its body";
  EXPECT_TRUE(fits("pods", "\"\""));
  request.verb = "update";
  EXPECT_TRUE(fits("pods", "web"));
  EXPECT_TRUE(analyse::names_resource("pods/*", "pods", ""));
  EXPECT_TRUE(analyse::names_path("/api*", "/apis/apps"));
  EXPECT_TRUE(analyse::names_path("/healthz", "/healthz"));
  EXPECT_FALSE(analyse::names_path("/healthz", "/healthz/etcd"));
}

}  // namespace
}  // namespace tiercel::tests
