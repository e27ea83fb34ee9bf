// `tiercel check`: what loads, what does not, and how scripts learn of it.
#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness.h"

namespace tiercel::tests {
namespace {

using support::run_program;

std::string source(const std::string& name) { return std::string(TIERCEL_SOURCE_DIR) + "/" + name; }

TEST(Check, GoodRulesAreStatusZero) {
  const auto result = run_program({"check", "-r", shipped_rules()});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_NE(result.out.find(" loaded, "), std::string::npos) << result.out;
}

TEST(Check, BadRulesAreStatusOneWithEveryMistake) {
  const support::TempDir folder;
  const std::string rules =
      folder.write("rules.yaml", every_event_rule("A") +
                                     "- rule: B\n  desc: d\n  condition: no.such = 1\n  output: o\n"
                                     "  priority: INFO\n  source: k8s_audit\n"
                                     "- rule: C\n  desc: d\n  condition: ka.verb = (\n  output: o\n"
                                     "  priority: INFO\n  source: k8s_audit\n");
  const auto text = run_program({"check", "-r", rules});
  EXPECT_EQ(text.status, 1);
  EXPECT_NE(text.out.find(rules + ":9:"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find(rules + ":15:"), std::string::npos) << text.out;
  EXPECT_EQ(text.out.find(" loaded, "), std::string::npos);

  const auto json = run_program({"check", "-r", rules, "--json"});
  EXPECT_EQ(json.status, 1);
  const auto found = nlohmann::json::parse(json.out, nullptr, false);
  ASSERT_TRUE(found.is_array()) << json.out;
  EXPECT_EQ(found.size(), 2U) << json.out;
}

TEST(Check, JsonOfGoodRulesIsAnEmptyArray) {
  const support::TempDir folder;
  const std::string rules = folder.write("rules.yaml", every_event_rule());
  const auto result = run_program({"check", "-r", rules, "--json"});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(nlohmann::json::parse(result.out, nullptr, false), nlohmann::json::array())
      << result.out;
}

// What `run` would refuse, `check` refuses; and it makes no file.
TEST(Check, OutputsThatCannotStartAreMistakes) {
  const support::TempDir folder;
  folder.write("rules.yaml", every_event_rule());
  const std::string begin = "rules_files: [" + folder.path("rules.yaml") + "]\n";
  for (const auto& [config, says] : {
           std::pair{"http_output: {enabled: true}\n",
                     "output 'http' (http_output) cannot start: `url` must not be empty"},
           {"program_output: {enabled: true}\n", "`program` must name a command"},
           {"outputs:\n  chat: {type: slack}\n", "output 'chat' (outputs.chat) cannot start"},
           {"file_output: {enabled: true, filename: /no/such/folder/alerts}\n",
            "the folder of `filename` is not there (/no/such/folder)"},
       }) {
    const auto result = run_program({"check", "-c", folder.write("tiercel.yaml", begin + config)});
    EXPECT_EQ(result.status, 1) << config;
    EXPECT_NE(result.out.find(says), std::string::npos) << result.out;
  }
  const auto good =
      run_program({"check", "-c",
                   folder.write("tiercel.yaml", begin + "file_output: {enabled: true, filename: " +
                                                    folder.path("alerts.log") + "}\n")});
  EXPECT_EQ(good.status, 0) << good.out;
  EXPECT_FALSE(std::ifstream(folder.path("alerts.log")));
}

TEST(Check, MatchersOfNamesThatNoAlertHasAreWarnedOf) {
  const support::TempDir folder;
  folder.write("rules.yaml", every_event_rule());
  const std::string config = folder.write(
      "tiercel.yaml",
      "rules_files: [" + folder.path("rules.yaml") +
          "]\nstdout_output: {enabled: true}\nstatic_fields: {site: x}\nroutes:\n  routes:\n"
          "    - matchers: ['ruel=x', 'ka.user.nam!=y', 'severity=z']\n"
          "    - matchers: ['rule=~x', 'ka.user.name!=y', 'ka.uri.param[command]=z', "
          "'static.site=x',"
          " 'output=pager', 'tag=a', 'peer=10.0.0.1', 'errors!=0']\n");
  const auto result = run_program({"check", "-c", config});
  EXPECT_EQ(result.status, 0) << result.out;
  for (const char* const says :
       {"tiercel.yaml:6:", "no alert has 'ruel': the matcher never holds", "did you mean 'rule'?",
        "no alert has 'ka.user.nam': the matcher always holds", "did you mean 'ka.user.name'?",
        "did you mean 'priority'?", "0 errors, 3 warnings"}) {
    EXPECT_NE(result.out.find(says), std::string::npos) << says << "\n" << result.out;
  }
}

TEST(Check, NamesInTemplatesAndGroupsAndUnknownRulesAreWarnedOf) {
  const support::TempDir folder;
  folder.write("rules.yaml", every_event_rule("Somebody Came"));
  const std::string begin =
      "rules_files: [" + folder.path("rules.yaml") + "]\nstdout_output: {enabled: true}\n";
  const std::string bad = folder.write(
      "bad.yaml",
      begin +
          "outputs:\n  chat:\n    type: http\n    url: 'http://127.0.0.1:1/'\n"
          "    body: '{\"a\": \"$${ka.user.nam}\", \"b\": $${json:output_field}}'\n"
          "routes:\n  template: '%ka.targt.name did it, 100% %sevrity'\n"
          "  group_by: [namespce, ka.target.namspace]\n"
          "  routes:\n    - matchers: ['rule=\"Somebody Come\"']\n      outputs: [chat]\n"
          "silences:\n  - {id: a, matchers: ['rule!=nobody'], ends: 2030-01-01T00:00:00Z,"
          " owner: o, comment: c}\n");
  const auto result = run_program({"check", "-c", bad});
  EXPECT_EQ(result.status, 0) << result.out;
  for (const char* const says :
       {"no alert has 'ka.user.nam': the body of output 'chat' has nothing in its place",
        "did you mean 'ka.user.name'?", "no alert has 'output_field'",
        "did you mean 'output_fields'?", "no alert has 'ka.targt.name': 'template' writes <NA>",
        "did you mean 'ka.target.name'?", "no alert has 'namespce': 'group_by'",
        "did you mean 'namespace'?", "no alert has 'ka.target.namspace'",
        "no rule 'Somebody Come' is loaded: it matches nothing", "did you mean 'Somebody Came'?",
        "no rule 'nobody' is loaded: it leaves nothing out"}) {
    EXPECT_NE(result.out.find(says), std::string::npos) << says << "\n" << result.out;
  }
  const std::string good = folder.write(
      "good.yaml",
      begin +
          "outputs:\n  chat:\n    type: http\n    url: 'http://127.0.0.1:1/'\n"
          "    body: '{\"a\": \"$${ka.user.name}\", \"b\": $${json:output_fields:1000},"
          " \"c\": \"$${priority:colour} $${time_iso} $${message:100}\"}'\n"
          "routes:\n  template: '%rule[1] %ka.uri.param[command] %group.count %output 100%%'\n"
          "  group_by: [namespace, ka.target.namespace, errors]\n"
          "  routes:\n    - matchers: ['rule=\"Somebody Came\"']\n      outputs: [chat]\n"
          "    - match: {rule: [\"tiercel: reload_failed\"], priority: warning}\n");
  const auto fine = run_program({"check", "-c", good});
  EXPECT_EQ(fine.status, 0) << fine.out;
  EXPECT_EQ(fine.out.find("warning"), std::string::npos) << fine.out;
}

// One run tells all: what is wrong with a silence hides nothing of the routes.
TEST(Check, AMistakeInASilenceHidesNoneInTheRoutes) {
  const support::TempDir folder;
  folder.write("rules.yaml", every_event_rule());
  const std::string config = folder.write(
      "tiercel.yaml", "rules_files: [" + folder.path("rules.yaml") +
                          "]\nstdout_output: {enabled: true}\n"
                          "silences:\n  - {matchers: ['rule=~a'], owner: o, comment: c}\n"
                          "routes:\n  routes:\n    - {matchers: ['rule=~x'], outputs: [stdoot]}\n");
  const auto result = run_program({"check", "-c", config});
  EXPECT_EQ(result.status, 1);
  for (const char* const says : {"tiercel.yaml:4:", "there is no enabled output 'stdoot'",
                                 "tiercel.yaml:7:", "2 errors, 0 warnings"}) {
    EXPECT_NE(result.out.find(says), std::string::npos) << says << "\n" << result.out;
  }
}

TEST(Check, BadConfigurationIsStatusOne) {
  const support::TempDir folder;
  const std::string config = folder.write("tiercel.yaml", "log_level: loud\n");
  const auto result = run_program({"check", "-c", config, "-r", shipped_rules()});
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.out.find("tiercel.yaml:1"), std::string::npos) << result.out;
}

TEST(Check, ConfigurationMayComeFromTheCommandLineAlone) {
  EXPECT_EQ(run_program({"check", "-r", shipped_rules(), "-o", "priority=warning"}).status, 0);
  EXPECT_EQ(run_program({"check", "-r", shipped_rules(), "-o", "priority=loud"}).status, 1);
  EXPECT_EQ(run_program({"check", "--no-such-flag"}).status, 2);
}

// The files that are shipped are right, and nothing in them wants a word.
TEST(Check, ShippedConfigurations) {
  for (const char* const name : {"config/tiercel.yaml", "config/reference.yaml"}) {
    const auto result = run_program({"check", "-c", source(name), "-r", shipped_rules(), "--json"});
    EXPECT_EQ(result.status, 0) << name << result.out << result.err;
    const auto found = nlohmann::json::parse(result.out, nullptr, false);
    ASSERT_TRUE(found.is_array()) << result.out;
    for (const auto& one : found) {
      const std::string severity = one.value("severity", "");
      EXPECT_TRUE(severity == "note" || severity == "info") << name << one.dump();
    }
  }
}

// Falco's own configuration as it is delivered. It is no part of this project.
TEST(Check, FalcosOwnConfiguration) {
  const char* const fixtures = std::getenv("TIERCEL_EXTERNAL_FIXTURES");
  const std::string file = std::string(fixtures == nullptr ? "" : fixtures) + "/falco.yaml";
  if (fixtures == nullptr || !std::ifstream(file)) {
    GTEST_SKIP() << "TIERCEL_EXTERNAL_FIXTURES names no folder with Falco's falco.yaml";
  }
  const auto result = run_program({"check", "-c", file, "-r", shipped_rules()});
  EXPECT_EQ(result.status, 0) << result.out << result.err;
}

}  // namespace
}  // namespace tiercel::tests
