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
