#include "tiercel/output/routing.h"

#include <gtest/gtest.h>

#include "read_file.h"
#include "routing_support.h"

namespace tiercel::output {
namespace {

using base::Priority;

std::string said(const Compiled& compiled) { return base::to_text(compiled.diagnostics); }

TEST(Routing, WithoutRoutesEveryOutputGetsEverything) {
  const Compiled compiled = compile("", {"a", "b"});
  ASSERT_NE(compiled.routing, nullptr);
  const Stored stored(Sample{});
  EXPECT_EQ(compiled.outputs(stored.alert), "a b");
  const Verdict verdict = compiled.routing->verdict(stored.alert, "a");
  EXPECT_TRUE(verdict.action->grouping.by.empty());
  EXPECT_EQ(verdict.action->message_template, "");
  EXPECT_EQ(verdict.silence, "");
  EXPECT_TRUE(compiled.diagnostics.empty()) << said(compiled);
}

// The tree that everybody begins with: pagers for databases, for the frontend, and two for
// what continues; the default where none matches.
constexpr std::string_view kTree = R"(
routes:
  receiver: default
  group_by: [cluster, rule]
  group_wait: 30s
  group_interval: 5m
  routes:
    - receiver: database
      group_wait: 10s
      matchers: ['service=~"mysql|cassandra"']
    - receiver: frontend
      group_by: [product, environment]
      matchers: ['team="frontend"']
    - receiver: developers
      group_by: ['...']
      matchers: ['service="inhouse"']
      continue: true
    - receiver: on-call
      matchers: ['service="inhouse"']
)";

TEST(Routing, TakesTheFirstChildUnlessItContinues) {
  const std::vector<std::string> outputs{"database", "default", "developers", "frontend",
                                         "on-call"};
  const Compiled compiled = compile(kTree, outputs);
  ASSERT_NE(compiled.routing, nullptr) << said(compiled);
  EXPECT_TRUE(compiled.diagnostics.empty()) << said(compiled);
  const std::vector<std::pair<nlohmann::json, std::string>> cases{
      {{{"service", "mysql"}}, "database"},
      {{{"service", "cassandra"}, {"team", "frontend"}}, "database"},
      {{{"service", "mysql5"}}, "default"},
      {{{"service", "my"}, {"team", "frontend"}}, "frontend"},
      {{{"service", "inhouse"}}, "developers on-call"},
      {{{"service", "inhouse"}, {"team", "frontend"}}, "frontend"},
      {nlohmann::json::object(), "default"},
  };
  for (const auto& [fields, want] : cases) {
    Sample sample;
    sample.fields = fields;
    EXPECT_EQ(compiled.outputs(Stored(sample).alert), want) << fields;
  }
}

TEST(Routing, RoutesInheritWhatTheyDoNotSay) {
  const Compiled compiled =
      compile(kTree, {"database", "default", "developers", "frontend", "on-call"});
  ASSERT_NE(compiled.routing, nullptr);
  const auto action = [&](const nlohmann::json& fields, std::string_view output) {
    Sample sample;
    sample.fields = fields;
    return *compiled.routing->verdict(Stored(sample).alert, output).action;
  };
  using Names = std::vector<std::string>;
  const RouteAction root = action(nlohmann::json::object(), "default");
  EXPECT_EQ(root.name, "routes");
  EXPECT_EQ(root.grouping.by, (Names{"cluster", "rule"}));
  EXPECT_EQ(root.grouping.wait, std::chrono::seconds(30));
  const RouteAction database = action({{"service", "mysql"}}, "database");
  EXPECT_EQ(database.name, "routes[0]");
  EXPECT_EQ(database.grouping.by, (Names{"cluster", "rule"}));
  EXPECT_EQ(database.grouping.wait, std::chrono::seconds(10));
  EXPECT_EQ(database.grouping.interval, std::chrono::minutes(5));
  EXPECT_EQ(action({{"team", "frontend"}}, "frontend").grouping.by,
            (Names{"product", "environment"}));
  EXPECT_EQ(action({{"service", "inhouse"}}, "developers").grouping.by, Names{});
}

TEST(Routing, InheritanceGoesDownTheTree) {
  const Compiled compiled = compile(R"(
routes:
  template: "root %rule"
  group_by: [rule]
  routes:
    - match: {namespace: [a, b]}
      output: x
      group_interval: 1m
      routes:
        - match: {user: alice}
          template: deep
        - match: {user: bob}
          outputs: [y, z]
          group_by: ["..."]
)",
                                    {"x", "y", "z"});
  ASSERT_NE(compiled.routing, nullptr) << said(compiled);
  const auto check = [&](std::string_view name_space, std::string_view user,
                         std::string_view outputs, std::string_view route,
                         std::string_view message_template) {
    Sample sample;
    sample.name_space = name_space;
    sample.user = user;
    const Stored stored(sample);
    EXPECT_EQ(compiled.outputs(stored.alert), outputs);
    const std::string first(outputs.substr(0, outputs.find(' ')));
    const Verdict verdict = compiled.routing->verdict(stored.alert, first);
    ASSERT_NE(verdict.action, nullptr);
    EXPECT_EQ(verdict.action->name, route);
    EXPECT_EQ(verdict.action->message_template, message_template);
  };
  check("c", "alice", "x y z", "routes", "root %rule");
  check("a", "carol", "x", "routes[0]", "root %rule");
  check("b", "alice", "x", "routes[0].routes[0]", "deep");
  check("a", "bob", "y z", "routes[0].routes[1]", "root %rule");
}

TEST(Routing, FirstOfSeveralRoutesToAnOutputWins) {
  const Compiled compiled = compile(R"(
routes:
  outputs: [a]
  routes:
    - {match: {rule: R}, continue: true, outputs: [b], template: first}
    - {match: {rule: R}, continue: true, outputs: [a, b], template: second}
    - {match: {rule: X}, template: third}
)",
                                    {"a", "b"});
  ASSERT_NE(compiled.routing, nullptr) << said(compiled);
  const Stored stored(Sample{});
  EXPECT_EQ(compiled.outputs(stored.alert), "a b");
  EXPECT_EQ(compiled.routing->verdict(stored.alert, "a").action->message_template, "second");
  EXPECT_EQ(compiled.routing->verdict(stored.alert, "b").action->message_template, "first");
  EXPECT_EQ(compiled.routing->verdict(stored.alert, "nobody").action, nullptr);
}

TEST(Routing, NoneLeadsNowhere) {
  const Compiled compiled = compile(
      "routes: {outputs: [a], routes: [{match: {namespace: kube-system}, outputs: none}]}", {"a"});
  ASSERT_NE(compiled.routing, nullptr) << said(compiled);
  Sample sample;
  EXPECT_EQ(compiled.outputs(Stored(sample).alert), "a");
  sample.name_space = "kube-system";
  EXPECT_EQ(compiled.outputs(Stored(sample).alert), "");
}

struct MatcherCase {
  std::string matcher;
  bool holds;
};

TEST(Routing, MatchersKnowColumnsAndFields) {
  Sample sample;
  sample.rule = "Attach/Exec Pod";
  sample.priority = Priority::kCritical;
  sample.tags = "k8s,mitre,network";
  sample.user = "system:admin";
  sample.cluster = "prod";
  sample.fields = {{"ka.verb", "create"},
                   {"ka.user.groups", {"system:masters", "dev\"s"}},
                   {"ka.uri.param[command]", "ls -l\nrm"},
                   {"ka.code", 201},
                   {"ka.none", nullptr},
                   {"ka.empty", nlohmann::json::array()}};
  const Stored stored(sample);
  const std::vector<MatcherCase> cases{
      {R"(rule="Attach/Exec Pod")", true},
      {R"(rule=Attach/Exec Pod)", true},
      {R"(rule="attach/exec pod")", false},
      {R"(rule=~"Attach.*")", true},
      {R"(rule=~"Attach")", false},
      {R"(rule!~"Attach")", true},
      {R"(tag="mitre")", true},
      {R"(tag!="mitre")", false},
      {R"(tag!="other")", true},
      {R"(tag=~"net.*")", true},
      {R"(tag!~"net.*")", false},
      {R"(priority=CRITICAL)", true},
      {R"(priority=~"critical|emergency")", true},
      {R"(priority!="warning")", true},
      {R"(namespace=web)", true},
      {R"(user=~"system:.*")", true},
      {R"(cluster!="prod")", false},
      {R"(source="k8s_audit")", true},
      {R"(source="tiercel")", false},
      {R"(apiserver="10.0.0.1")", true},
      {R"(rules_hash=~"0123.*")", true},
      {R"(rules_hash="0123")", false},
      {R"(ka.verb=create)", true},
      {R"(ka.verb!=create)", false},
      {R"(ka.user.groups="system:masters")", true},
      {R"(ka.user.groups="dev\"s")", true},
      {R"(ka.user.groups="system:masters,dev\"s")", false},
      {R"(ka.uri.param[command]=~"ls.*rm")", true},
      {R"(ka.uri.param[command]=~"ls \x2dl\nrm")", true},
      {R"(ka.code=201)", true},
      {R"(ka.code=~"2[0-9]{2}")", true},
      {R"(ka.absent="")", true},
      {R"(ka.absent!="")", false},
      {R"(ka.absent!="x")", true},
      {R"(ka.absent=~".+")", false},
      {R"(ka.none="")", true},
      {R"(ka.empty="")", true},
      {R"({ka.verb="create", tag="k8s"})", true},
      {R"(ka.verb="create", tag="x")", false},
      {R"("ka.verb" = "create")", true},
  };
  for (const MatcherCase& one : cases) {
    const Compiled compiled = compile("routes: {outputs: none, routes: [{outputs: a, matchers: [" +
                                          nlohmann::json(one.matcher).dump() + "]}]}",
                                      {"a"});
    ASSERT_NE(compiled.routing, nullptr) << said(compiled);
    EXPECT_EQ(compiled.outputs(stored.alert), one.holds ? "a" : "") << one.matcher;
  }
}

TEST(Routing, WithoutTagsTheTagIsEmpty) {
  Sample sample;
  sample.tags = "";
  const Compiled compiled =
      compile("routes: {outputs: none, routes: [{outputs: a, match: {tag: ''}}]}", {"a"});
  ASSERT_NE(compiled.routing, nullptr) << said(compiled);
  EXPECT_EQ(compiled.outputs(Stored(sample).alert), "a");
  EXPECT_EQ(compiled.outputs(Stored(Sample{}).alert), "");
}

TEST(Routing, BodiesThatAreNoAlertsHaveNoFields) {
  const Compiled compiled = compile(
      "routes: {outputs: none, routes: [{outputs: a, matchers: ['ka.verb=\"\"', 'source=\"\"']}]}",
      {"a"});
  ASSERT_NE(compiled.routing, nullptr) << said(compiled);
  for (const std::string_view body : {"", "{", "null\n", "{\"rule\":\"R\"", "[[[[[["}) {
    store::StoredAlert alert;
    alert.body = body;
    EXPECT_EQ(compiled.outputs(alert), "a") << body;
  }
}

TEST(Routing, SilencesHoldBackForATime) {
  const Compiled compiled = compile(R"(
silences:
  - {id: one, matchers: ['rule="R"'], outputs: [a], starts: 2026-01-02T03:04:05Z,
     ends: 2026-01-02T05:04:06+01:00, owner: o, comment: c}
  - {match: {user: bob}, ends: 2026-01-02T03:04:05Z, owner: o, comment: c}
)",
                                    {"a", "b"});
  ASSERT_NE(compiled.routing, nullptr) << said(compiled);
  struct Case {
    std::string user;
    std::string output;
    std::int64_t stored;
    std::string silence;
  };
  const std::vector<Case> cases{
      {"alice", "a", kStart - 1, ""},
      {"alice", "a", kStart, "one"},
      {"alice", "a", kStart + 3600 * kSecond, "one"},
      {"alice", "a", kStart + 3601 * kSecond, ""},
      {"alice", "b", kStart, ""},
      {"bob", "b", 1, "silences[1]"},
      {"bob", "b", kStart - 1, "silences[1]"},
      {"bob", "b", kStart, ""},
  };
  for (const Case& one : cases) {
    Sample sample;
    sample.user = one.user;
    Stored stored(sample);
    stored.alert.stored = one.stored;
    const Verdict verdict = compiled.routing->verdict(stored.alert, one.output);
    EXPECT_NE(verdict.action, nullptr);  // a silence is no route
    EXPECT_EQ(verdict.silence, one.silence) << one.user << one.output << one.stored;
  }
}

TEST(Routing, MistakesAreReportedWhereTheyStand) {
  struct Case {
    std::string yaml;
    std::string want;
    bool is_error;
  };
  const std::vector<Case> cases{
      {"routes: {outputs: [fil]}", "r.yaml:1:9: error: there is no enabled output 'fil'", true},
      {"routes: {outputs: [fil]}", "did you mean 'file'?", true},
      {"routes: {outputs: file}", "r.yaml:1:9: warning: no route leads to the output 'pager'",
       false},
      {"routes: {routes: [{matchers: ['a=~\"(\"']}]}", "r.yaml:1:31: error: the regular expression",
       true},
      {"routes: {routes: [{match: {priority: critcal}}]}", "did you mean 'critical'?", true},
      {"routes: {routes: [{}, {match: {rule: x}}]}", "r.yaml:1:23: warning: no alert gets", false},
      {"silences: [{ends: 2020-01-01T00:00:00Z, owner: o, comment: c}]",
       "r.yaml:1:12: error: the silence 'silences[0]' has no matchers", true},
      {"silences: [{match: {rule: x}, outputs: [q], ends: 2020-01-01T00:00:00Z, owner: o, comment: "
       "c}]",
       "r.yaml:1:12: error: there is no enabled output 'q'", true},
      {"silences: [{match: {rule: x}, output: none, ends: 2020-01-01T00:00:00Z, owner: o, comment: "
       "c}]",
       "r.yaml:1:12: error: the silence 'silences[0]' is for no output", true},
  };
  for (const Case& one : cases) {
    const Compiled compiled = compile(one.yaml, {"file", "pager"});
    EXPECT_NE(said(compiled).find(one.want), std::string::npos) << one.yaml << "\n"
                                                                << said(compiled);
    EXPECT_EQ(compiled.routing == nullptr, one.is_error) << one.yaml;
  }
}

TEST(Routing, SilenceMadeWithoutAnEndIsRefused) {
  config::RoutingSettings settings;
  settings.silences.emplace_back().matchers.push_back({"rule", {}, {"x"}, {}});
  base::Diagnostics diagnostics;
  EXPECT_EQ(Routing::compile(settings, {}, diagnostics), nullptr);
  EXPECT_NE(base::to_text(diagnostics).find("has no end"), std::string::npos);
}

TEST(Routing, ShippedExampleLoadsAndRoutes) {
  const std::string yaml =
      support::read_file(std::string(TIERCEL_SOURCE_DIR) + "/config/examples/routing.yaml");
  const Compiled compiled = compile(yaml, {"file", "pager", "chat"});
  ASSERT_NE(compiled.routing, nullptr) << said(compiled);
  EXPECT_EQ(compiled.diagnostics.count(base::Severity::kWarning), 0U) << said(compiled);
  Sample sample;
  EXPECT_EQ(compiled.outputs(Stored(sample).alert), "file chat");
  sample.priority = Priority::kAlert;
  EXPECT_EQ(compiled.outputs(Stored(sample).alert), "file pager");
  sample.priority = Priority::kNotice;
  sample.rule = "Attach/Exec Pod";
  sample.fields["ka.target.namespace"] = "shop";
  const Stored exec(sample);
  EXPECT_EQ(compiled.outputs(exec.alert), "file chat");
  EXPECT_EQ(compiled.routing->verdict(exec.alert, "chat").action->name, "routes[2]");
  EXPECT_EQ(compiled.routing->verdict(exec.alert, "file").action->grouping.by.size(), 0U);
  sample.rule = "Other";
  sample.name_space = "kube-system";
  EXPECT_EQ(compiled.outputs(Stored(sample).alert), "file");
}

}  // namespace
}  // namespace tiercel::output
