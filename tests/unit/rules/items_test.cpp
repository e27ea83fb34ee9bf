// Items: keys, shapes, the four forms of a rule item, override.
#include <gtest/gtest.h>

#include "item.h"
#include "rules_support.h"

namespace tiercel::rules::tests {
namespace {

TEST(Booleans, AreReadInThreeCases) {
  for (const char* const yes : {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on"}) {
    EXPECT_EQ(parse_boolean(yes), true) << yes;
  }
  for (const char* const no : {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off"}) {
    EXPECT_EQ(parse_boolean(no), false) << no;
  }
  for (const char* const bad : {"", "0", "1", "tRUE", "yEs", "TRue", "maybe"}) {
    EXPECT_FALSE(parse_boolean(bad).has_value()) << bad;
  }
}

struct Case {
  const char* name;
  std::string yaml;
  const char* report;
};

class Items : public ::testing::TestWithParam<Case> {};

TEST_P(Items, AreReportedWhereTheyAreWrong) {
  EXPECT_EQ(Loaded({GetParam().yaml}).report(), GetParam().report);
}

const std::string kRule = rule("ka.verb=x");

INSTANTIATE_TEST_SUITE_P(
    Mistakes, Items,
    ::testing::Values(
        Case{"scalar_item", "- a\n", "bad_item@f1.yaml:1:3"},
        Case{"sequence_item", "- [a]\n", "bad_item@f1.yaml:1:3"},
        Case{"unknown_item", "- rul: x\n", "unknown_item@f1.yaml:1:3"},
        Case{"rule_without_name", "- rule:\n  condition: a\n", "empty_value@f1.yaml:1:3"},
        Case{"name_is_a_map", "- rule: {a: b}\n", "wrong_shape@f1.yaml:1:9"},
        Case{"all_missing_at_once", "- rule: r\n  desc: d\n", "missing_key@f1.yaml:1:3"},
        Case{"every_mistake_of_an_item",
             "- rule: r\n  desc: ''\n  condition:\n  output: [o]\n  priority: HIGH\n  tags: x\n  "
             "enabled: 0\n",
             "empty_value@f1.yaml:2:9 empty_value@f1.yaml:3:3 wrong_shape@f1.yaml:4:11 "
             "unknown_priority@f1.yaml:5:13 wrong_shape@f1.yaml:6:9 bad_rule_value@f1.yaml:7:12"},
        Case{"null_tag", rule("ka.verb=x", "  tags: [a, ~]\n"), "empty_value@f1.yaml:7:13"},
        Case{"null_source",
             "- {rule: r, desc: d, condition: ka.verb=x, output: o, priority: INFO, "
             "source: }\n",
             "empty_value@f1.yaml:1:71"},
        Case{"duration", rule("ka.verb=x", "  capture: true\n  capture_duration: 1s\n"),
             "bad_rule_value@f1.yaml:8:21"},
        Case{"capture_is_read", rule("ka.verb=x", "  capture: true\n  capture_duration: 5000\n"),
             ""},
        Case{"unknown_keys", rule("ka.verb=x", "  tgas: [a]\n  <<: {a: b}\n"),
             "unknown_rule_key@f1.yaml:7:3 unknown_rule_key@f1.yaml:8:3"},
        Case{"lower_kinds_are_unknown_keys", "- {list: l, items: [a], rule: r}\n",
             "unused_list@f1.yaml:1:10 unknown_rule_key@f1.yaml:1:25"},
        Case{"list_item_is_a_map", "- {list: l, items: [{a: b}]}\n", "wrong_shape@f1.yaml:1:21"},
        Case{"macro_condition_null", "- {macro: m, condition: }\n", "empty_value@f1.yaml:1:14"},
        Case{"append_without_rule", "- {rule: q, append: true, condition: and x}\n",
             "unknown_rule@f1.yaml:1:10 deprecated_append@f1.yaml:1:13"},
        Case{
            "append_ignores_other_keys",
            kRule + "- {rule: r, append: true, condition: or ka.verb=y, priority: NOPE, tags: 5}\n",
            "deprecated_append@f1.yaml:7:13"},
        Case{"append_takes_no_source",
             kRule + "- {rule: r, append: true, condition: or ka.verb=y, source: }\n",
             "deprecated_append@f1.yaml:7:13"},
        Case{"append_false_is_a_definition", "- {rule: r, append: false, condition: a}\n",
             "missing_key@f1.yaml:1:3"},
        Case{"toggle_ignores_other_keys", kRule + "- {rule: r, enabled: no, tags: 5}\n",
             "deprecated_toggle@f1.yaml:7:13"},
        Case{"override_not_a_map", kRule + "- {rule: r, override: x}\n",
             "toggle_without_enabled@f1.yaml:7:3 wrong_shape@f1.yaml:7:23"},
        Case{"override_operations",
             kRule + "- {rule: r, output: x, tags: [a], override: {output: apend, tags: [b]}}\n",
             "bad_operation@f1.yaml:7:54 bad_operation@f1.yaml:7:67"},
        Case{"override_everything_wrong",
             kRule + "- {rule: r, desc: x, override: {colour: replace, enabled: append, output: "
                     "append}}\n",
             "value_without_override@f1.yaml:7:13 unknown_override@f1.yaml:7:33 "
             "override_without_value@f1.yaml:7:50 bad_operation@f1.yaml:7:59 "
             "override_without_value@f1.yaml:7:67"},
        Case{"override_unknown_rule", kRule + "- {rule: R, tags: [a], override: {tags: append}}\n",
             "unknown_rule@f1.yaml:7:10"},
        Case{"list_override_key", "- {list: l, items: [a], override: {condition: replace}}\n",
             "value_without_override@f1.yaml:1:13 unknown_override@f1.yaml:1:36"},
        Case{"source_conflict_in_override",
             kRule + "- {rule: r, source: syscall, tags: [a], override: {tags: append}}\n",
             "source_conflict@f1.yaml:7:21"},
        Case{"a_broken_rule_is_reported_once",
             "- {rule: r, desc: d, output: o, priority: INFO}\n"
             "- {rule: r, tags: [a], override: {tags: append}}\n- {rule: r, enabled: false}\n",
             "missing_key@f1.yaml:1:3 deprecated_toggle@f1.yaml:3:13"},
        Case{"a_broken_macro_is_reported_once",
             "- {macro: m}\n- {macro: n, condition: m and ka.verb=x}\n" + rule("m or n"),
             "missing_key@f1.yaml:1:3"},
        Case{"a_broken_list_is_reported_once",
             "- {list: l, items: x}\n- {list: l, items: [a], override: {items: append}}\n" +
                 rule("ka.verb in (l)"),
             "wrong_shape@f1.yaml:1:20"},
        Case{"a_broken_file_hides_no_names",
             "- {rule: q, tags: [a], override: {tags: append}}\n- {rule: r, tags: [\n",
             "bad_rules_yaml@f1.yaml:3:1"}),
    [](const auto& given) { return std::string(given.param.name); });

TEST(RuleForms, KeepThePositionOfTheFirstDefinition) {
  const Loaded loaded({rule("ka.verb=x", "", "a") + rule("ka.verb=y", "", "b"),
                       rule("ka.verb=z", "  tags: [t]\n", "a")});
  ASSERT_EQ(loaded.loader.rules().size(), 2U);
  EXPECT_EQ(loaded.loader.rules()[0].name, "a");
  EXPECT_EQ(loaded.tree("a"), "ka.verb = z");
  EXPECT_EQ(loaded.report(), "");
}

TEST(RuleForms, ADefinitionReplacesEverything) {
  const Loaded loaded({rule("ka.verb=x",
                            "  tags: [t]\n  enabled: false\n  skip-if-unknown-filter: true\n"
                            "  exceptions: [{name: e, fields: ka.verb, values: [a]}]\n") +
                       rule("ka.verb=y")});
  const ResolvedRule* r = loaded.rule("r");
  ASSERT_NE(r, nullptr);
  EXPECT_TRUE(r->tags.empty() && r->enabled && !r->skip_if_unknown_filter);
  EXPECT_TRUE(r->exception_names.empty());
  EXPECT_EQ(loaded.text(), "ka.verb=y");
}

TEST(RuleForms, OverridesAppendBeforeTheyReplaceAndJoinWithABlank) {
  const Loaded loaded({rule("ka.verb=x", "  tags: [b]\n") +
                       "- rule: r\n  output: |\n    more\n  desc: e\n  tags: [a, b]\n  priority: "
                       "error\n  condition: or ka.verb=z\n  override: {output: append, desc: "
                       "append, tags: append, priority: replace, condition: append}\n"});
  const ResolvedRule* r = loaded.rule("r");
  ASSERT_NE(r, nullptr) << loaded.report();
  EXPECT_EQ(r->output, "o more\n");
  EXPECT_EQ(r->description, "d e");
  EXPECT_EQ(r->tags, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(r->priority, base::Priority::kError);
  EXPECT_EQ(loaded.text(), "ka.verb=x or ka.verb=z");
}

TEST(RuleForms, OutputIsTrimmedInADefinitionAndNotInAnOverride) {
  const std::string folded = "\n    a\n    b\n";
  const Loaded defined({"- rule: r\n  desc: d\n  condition: ka.verb=x\n  output: >" + folded +
                        "  priority: INFO\n  source: k8s_audit\n"});
  EXPECT_EQ(defined.rule("r")->output, "a b");
  EXPECT_EQ(defined.rule("r")->output_location, (base::Location{"f1.yaml", 5, 5}));
  const Loaded replaced(
      {rule("ka.verb=x") + "- rule: r\n  output: >" + folded + "  override: {output: replace}\n"});
  EXPECT_EQ(replaced.rule("r")->output, "a b\n");
}

TEST(Sources, DecideWhichRulesAreKept) {
  const auto with_source = [](const std::string& condition, const std::string& output,
                              const std::string& source) {
    return "- {rule: r, desc: d, condition: '" + condition + "', output: '" + output +
           "', priority: INFO" + (source.empty() ? "" : ", source: " + source) + "}\n";
  };
  struct {
    std::string yaml;
    const char* codes;
  } const cases[] = {
      {with_source("(((", "%ka.verb", "okta"), "unknown_rule_source"},
      {with_source("evt.type=open", "o", "syscall"), "unknown_rule_source"},
      {with_source("evt.type=open", "o", ""), "unknown_rule_source"},
      {with_source("evt.type=open and ka.verb=x", "o", ""), "forgotten_source"},
      {with_source("not evt.type=val(jevt.value[/a])", "o", ""), "forgotten_source"},
      {with_source("evt.type=open", "a %evt.type %*ka.verb b", ""), "forgotten_source_output"},
      {with_source("evt.type=open", "%tolower(json.value[/a])", ""), "forgotten_source_output"},
      {with_source("evt.type=open", "100%% ka.verb", ""), "unknown_rule_source"},
      {with_source("evt.type=", "o", ""), "condition_syntax unknown_rule_source"},
  };
  for (const auto& c : cases) {
    const Loaded loaded({c.yaml});
    EXPECT_EQ(loaded.codes(), c.codes) << c.yaml;
    EXPECT_TRUE(loaded.loader.rules().empty());
  }
}

TEST(Sources, ARuleForSystemCallsUsesItsMacros) {
  const Loaded loaded(
      {"- {macro: m, condition: evt.type=open}\n"
       "- {rule: r, desc: d, condition: m, output: o, priority: INFO}\n"});
  EXPECT_EQ(loaded.codes(), "unknown_rule_source");
}

}  // namespace
}  // namespace tiercel::rules::tests
