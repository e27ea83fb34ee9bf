#include <gtest/gtest.h>

#include "tiercel/engine/rule_set.h"

namespace tiercel::engine {
namespace {

constexpr const char* kTail = "  desc: d\n  output: o\n  priority: INFO\n  source: k8s_audit\n";

LoadResult load(const std::string& text, const CompileOptions& options = {}) {
  return load_rules({{"rules.yaml", text}}, options);
}

std::string rule(const std::string& name, const std::string& condition) {
  return "- rule: " + name + "\n  condition: " + condition + "\n" + kTail;
}

TEST(LoadRules, ReportsEveryMistakeOfEveryFileInOneRun) {
  const LoadResult result = load_rules(
      {{"a.yaml", rule("A", "ka.vreb = create and ka.user.groups = x")},
       {"b.yaml", rule("B", "ka.verb regex \"(\"") + rule("C", "nomacro") +
                      "- rule: D\n  condition: ka.verb exists\n  desc: d\n  output: \"%ka.nope\"\n"
                      "  priority: INFO\n  source: k8s_audit\n"}},
      {});
  EXPECT_EQ(result.rule_set, nullptr);
  const std::string report = base::to_text(result.diagnostics);
  for (const char* part : {"ka.vreb", "ka.verb?", "ka.user.groups", "nomacro", "ka.nope"}) {
    EXPECT_NE(report.find(part), std::string::npos) << part << " is missing in\n" << report;
  }
  EXPECT_GE(result.diagnostics.count(base::Severity::kError), 5U) << report;
}

TEST(LoadRules, PointsAtTheByte) {
  const LoadResult result = load(rule("A", "ka.verb = create and ka.vreb = get"));
  ASSERT_EQ(result.diagnostics.list().size(), 1U) << base::to_text(result.diagnostics);
  const base::Diagnostic& diagnostic = result.diagnostics.list().front();
  EXPECT_EQ(diagnostic.location, (base::Location{"rules.yaml", 2, 35}))
      << base::to_text(diagnostic);
  EXPECT_EQ(diagnostic.snippet.substr(diagnostic.caret, 7), "ka.vreb");
}

TEST(LoadRules, SharesPredicatesBetweenRules) {
  const LoadResult result =
      load(rule("A", "ka.verb = create and ka.stage = x") +
           rule("B", "ka.verb == create and ka.stage = y") + rule("C", "not ka.verb = \"create\""));
  ASSERT_NE(result.rule_set, nullptr) << base::to_text(result.diagnostics);
  EXPECT_EQ(result.rule_set->predicate_count(), 3U);
}

TEST(LoadRules, ExtractsOnlyFieldsThatRulesName) {
  const LoadResult result = load(rule("A", "ka.verb = create"));
  ASSERT_NE(result.rule_set, nullptr);
  // The condition's, the alert's evt.time, and the three the index asks for.
  EXPECT_LE(result.rule_set->fields().size(), 4U);
}

TEST(LoadRules, HashNamesTheRules) {
  const auto hash = [](const std::string& text) { return load(text).rule_set->hash(); };
  EXPECT_EQ(hash(rule("A", "ka.verb = a")), hash(rule("A", "ka.verb = a")));
  EXPECT_NE(hash(rule("A", "ka.verb = a")), hash(rule("A", "ka.verb = b")));
  CompileOptions disabled;
  disabled.selection.steps.push_back({false, "A", std::nullopt});
  EXPECT_NE(load(rule("A", "ka.verb = a"), disabled).rule_set->hash(),
            hash(rule("A", "ka.verb = a")));
}

TEST(LoadRules, HashIsOfWhatIsReadInItsOrderWhereverItLies) {
  const auto hash = [](const std::vector<rules::RulesFile>& files, CompileOptions options = {}) {
    return load_rules(files, options).rule_set->hash();
  };
  const std::string a = rule("A", "ka.verb = a");
  const std::string b = rule("B", "ka.verb = b");
  const std::string usual = hash({{"a.yaml", a}, {"b.yaml", b}});
  EXPECT_EQ(usual.size(), 32U);
  EXPECT_EQ(usual.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(usual, hash({{"/elsewhere/x.yaml", a}, {"y.yaml", b}}));
  // The first rule that matches counts, and later files override earlier ones.
  EXPECT_NE(usual, hash({{"b.yaml", b}, {"a.yaml", a}}));
  EXPECT_NE(usual, hash({{"a.yaml", a + b}}));
  CompileOptions all;
  all.matching = Matching::kAll;
  EXPECT_NE(usual, hash({{"a.yaml", a}, {"b.yaml", b}}, all));
  CompileOptions json;
  json.alerts.json_output = true;
  EXPECT_EQ(usual, hash({{"a.yaml", a}, {"b.yaml", b}}, json)) << "how alerts are written";
}

TEST(LoadRules, DeepConditionsAreRefusedNotRun) {
  const std::string deep = std::string(5'000, '(') + "ka.verb = a" + std::string(5'000, ')');
  const LoadResult result = load(rule("A", deep));
  EXPECT_EQ(result.rule_set, nullptr);
  EXPECT_TRUE(result.diagnostics.has_errors());
}

TEST(LoadRules, TellsTheMemoryThatRulesTake) {
  std::string text;
  for (int at = 0; at < 500; ++at) {
    text += rule("R" + std::to_string(at), "ka.user.name = u" + std::to_string(at));
  }
  const std::uint64_t memory = load(text).rule_set->memory();
  if (memory == 0) {
    GTEST_SKIP() << "the heap of this build does not say what it holds";
  }
  // A rule's texts alone are some 300 bytes.
  EXPECT_GT(memory, 500U * 300U);
  EXPECT_LT(memory, 500U * 30'000U);
}

}  // namespace
}  // namespace tiercel::engine
