#include "tiercel/selftest/synthetic_event.h"

#include <cstdlib>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "read_file.h"

namespace tiercel::selftest {
namespace {

std::shared_ptr<const engine::RuleSet> load(const std::string& yaml,
                                            engine::Matching matching = engine::Matching::kFirst) {
  engine::CompileOptions options;
  options.matching = matching;
  engine::LoadResult loaded = engine::load_rules({{"test.yaml", yaml}}, options);
  EXPECT_NE(loaded.rule_set, nullptr) << base::to_text(loaded.diagnostics);
  return loaded.rule_set;
}

SyntheticOptions options_of_test() {
  SyntheticOptions options;
  options.mark = "selftest-1";
  options.time = 1'767'323'045'000'000'000;
  return options;
}

std::vector<SyntheticEvent> found(const std::string& yaml) {
  return synthetic_events(load(yaml), options_of_test());
}

std::string rule_of(const std::string& name, const std::string& condition) {
  return "- rule: " + name + "\n  condition: >\n    " + condition +
         "\n  desc: d\n  output: o\n  priority: WARNING\n  source: k8s_audit\n";
}

// The rules for which there is no event, with what is said of them.
std::set<std::string> problems(const std::vector<SyntheticEvent>& events) {
  std::set<std::string> all;
  for (const SyntheticEvent& event : events) {
    if (event.event.empty() && !event.is_off) {
      all.insert(event.rule + ": " + event.problem);
    }
  }
  return all;
}

TEST(SyntheticEvent, CarriesTheMarkAndTheTime) {
  const auto events = found(rule_of("r", "ka.verb = delete"));
  ASSERT_EQ(events.size(), 1U);
  const auto event = nlohmann::json::parse(events[0].event);
  EXPECT_EQ(event["annotations"]["Tiercel Selftest/mark"], "selftest-1");
  EXPECT_EQ(event["stageTimestamp"], "2026-01-02T03:04:05.000000Z");
  EXPECT_EQ(event["auditID"], "selftest-1-0");
  EXPECT_EQ(event["verb"], "delete");
  EXPECT_NE(events[0].alert, alert::AlertId{});
}

TEST(SyntheticEvent, EveryOperatorAndMuchThatIsNested) {
  const std::vector<std::string> conditions{
      "ka.user.name startswith \"system:serviceaccount:\" and ka.user.name endswith -controller",
      "ka.verb in (a, b, c) and not ka.verb in (a, b)",
      "(ka.verb = a or ka.verb = b) and not (ka.verb = a or ka.stage = b)",
      "ka.target.name contains foo and ka.target.name contains bar",
      "ka.useragent icontains CURL",
      "ka.target.name glob \"a*b?c\"",
      "ka.uri pmatch (/api/v1, /apis)",
      "ka.uri.param[command] = \"rm -rf /\" and ka.uri.param[tty] exists",
      "ka.target.name regex \"^(foo|bar)-[0-9a-f]{8}[.]x+$\"",
      "ka.response.code = 403 and ka.response.reason = Forbidden",
      "not ka.target.namespace exists and ka.target.resource exists",
      "ka.target.namespace != kube-system",
      "not ka.verb != patch",
      "ka.user.groups intersects (\"system:masters\", x)",
      "ka.user.groups in (a)",
      "tolower(ka.user.name) = root and toupper(ka.verb) = GET",
      "concat(ka.verb, \"/\", ka.target.resource) = \"get/pods\" or ka.verb = fallback",
      "ka.req.pod.containers.image.repository in (a/b) and ka.req.pod.host_network = true",
      "ka.req.pod.containers.privileged intersects (true) and ka.target.resource = pods",
      "ka.workload.kind = CronJob and join(\",\", ka.workload.containers.image) contains miner",
      "ka.workload.volumes.hostpath intersects (/etc) and ka.verb = patch and "
      "ka.target.resource = deployments",
      "ka.req.binding.role = cluster-admin and ka.req.binding.subjects exists",
      "ka.req.binding.subjects.group_names intersects (g)",
      "ka.req.role.rules.verbs intersects (\"*\") and ka.req.role.rules exists",
      "ka.req.configmap.obj contains password",
      "ka.req.service.type = NodePort and ka.req.service.ports exists",
      "jevt.value[/requestObject/spec/tls/0] exists",
      "jevt.value[/user/username] = x and ka.user.name = x",
      "ka.user.extra[k] intersects (v)",
      "ka.annotation[a/b] = c",
      "ka.auth.decision = forbid and ka.auth.reason = \"\"",
      "ka.user.name = val(ka.target.name)",
      "ka.verb = anyof (q, r) and ka.target.name contains allof (s, t)",
      "ka.req.pod.run_as_user > 1000",
      "evt.num > 0 and jevt.rawtime exists",
      "not (ka.response.code startswith 2 or ka.response.code = 403)",
      "not ka.verb in (get, create) and not ka.auth.decision = allow",
  };
  std::string yaml;
  for (std::size_t at = 0; at < conditions.size(); ++at) {
    yaml += rule_of("r" + std::to_string(at), conditions[at]);
  }
  const auto events = synthetic_events(load(yaml, engine::Matching::kAll), options_of_test());
  for (std::size_t at = 0; at < events.size(); ++at) {
    EXPECT_FALSE(events[at].event.empty()) << conditions[at];
  }
}

TEST(SyntheticEvent, ARuleForWhichThereIsNoneIsNamed) {
  SyntheticOptions options = options_of_test();
  options.attempts = 50;
  const auto events = synthetic_events(
      load(rule_of("never", "ka.verb = a and ka.verb = b") + rule_of("good", "ka.verb = c") +
           rule_of("off", "ka.verb = c and jevt.rawtime = 0") +
           rule_of("off too", "ka.verb = c and not (ka.verb = d or jevt.rawtime exists)")),
      options);
  EXPECT_EQ(problems(events),
            std::set<std::string>{"never: no event was found that satisfies its condition"});
}

// A patch's body is a list, a binding's has members; and a URI is a text.
TEST(SyntheticEvent, NeedsThatExcludeEachOtherCostOneWayOnly) {
  const std::string list = "ka.verb = patch and jevt.value[/requestObject/0/op] = add";
  const std::string yaml =
      rule_of("roles",
              "ka.verb = patch and (jevt.value[/requestObject/0/op] = add or "
              "ka.req.binding.role = cluster-admin) and "
              "ka.req.binding.subjects.user_names intersects (bob)") +
      rule_of("never", list + " and ka.req.binding.subjects.user_names intersects (bob)") +
      rule_of("parts", "jevt.value[/requestURI/0] = a and ka.uri.param[b] = c") +
      rule_of("pod", list + " and ka.workload.kind = Deployment") + rule_of("good", "ka.verb = c");
  SyntheticOptions options = options_of_test();
  options.attempts = 50;
  const auto events = synthetic_events(load(yaml, engine::Matching::kAll), options);
  ASSERT_EQ(events.size(), 5U);
  for (const SyntheticEvent& event : events) {
    const bool has_one = event.rule == "roles" || event.rule == "good" || event.rule == "pod";
    EXPECT_EQ(event.event.empty(), !has_one) << event.rule;
  }
}

TEST(SyntheticEvent, ARuleThatAnotherHidesIsNamedWithIt) {
  SyntheticOptions options = options_of_test();
  options.attempts = 50;
  const auto events = synthetic_events(
      load(rule_of("wide", "ka.verb exists") + rule_of("narrow", "ka.verb = a")), options);
  EXPECT_EQ(problems(events),
            std::set<std::string>{"narrow: no event was found that satisfies its condition; "
                                  "events made for it matched 'wide', which stands before it "
                                  "(rule_matching: first)"});
}

TEST(SyntheticEvent, WaysPastTheRulesBeforeAreFound) {
  const auto events = found(rule_of("wide", "ka.verb = a and not ka.user.name in (x, y)") +
                            rule_of("wider", "ka.verb = a and not ka.target.name = z") +
                            rule_of("narrow", "ka.verb = a"));
  EXPECT_EQ(problems(events), std::set<std::string>{});
}

TEST(SyntheticEvent, ARefusedRequestIsMadeWhereOneThatWentWellIsNotMeant) {
  EXPECT_EQ(problems(found(rule_of("well", "ka.response.code startswith 2") +
                           rule_of("refused", "not ka.response.code startswith 2"))),
            std::set<std::string>{});
}

TEST(SyntheticEvent, ThereIsOneForEachShippedRule) {
  const auto events = found(support::read_file(TIERCEL_SOURCE_DIR "/rules/k8s_audit_rules.yaml"));
  EXPECT_GT(events.size(), 20U);
  EXPECT_EQ(problems(events), std::set<std::string>{});
}

TEST(SyntheticEvent, ThereIsOneForEachOfFalcosRules) {
  const char* const folder = std::getenv("TIERCEL_EXTERNAL_FIXTURES");
  if (folder == nullptr) {
    GTEST_SKIP() << "TIERCEL_EXTERNAL_FIXTURES is not set";
  }
  const auto events = found(support::read_file(std::string(folder) + "/k8s_audit_rules.yaml"));
  const auto missing = problems(events);
  std::string text;
  for (const std::string& one : missing) {
    text += "\n" + one;
  }
  RecordProperty("rules", static_cast<int>(events.size()));
  RecordProperty("found", static_cast<int>(events.size() - missing.size()));
  EXPECT_GT(events.size(), 20U);
  EXPECT_EQ(missing.size(), 0U) << events.size() << " rules" << text;
}

}  // namespace
}  // namespace tiercel::selftest
