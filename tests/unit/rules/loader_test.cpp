#include <gtest/gtest.h>

#include "rules_support.h"

namespace tiercel::rules::tests {
namespace {

TEST(Loader, ReportsEveryMistakeOfEveryFileOnce) {
  const Loaded loaded({rule("ka.verb=", "", "a") + rule("ka.verb in (x", "", "b"),
                       "- {list: l, items: x}\n", rule("nope", "", "c")});
  EXPECT_EQ(loaded.report(),
            "condition_syntax@f1.yaml:3:22 condition_syntax@f1.yaml:9:27 wrong_shape@f2.yaml:1:20 "
            "undefined_macro@f3.yaml:3:14");
}

TEST(Loader, ChecksTheConditionOfARuleThatIsWrongElsewhere) {
  const Loaded loaded(
      {rule("nope or ka.verb=a", "  tags: x\n") + rule("(ka.verb=a", "  tags: x\n", "q")});
  EXPECT_EQ(loaded.report(),
            "undefined_macro@f1.yaml:3:14 wrong_shape@f1.yaml:7:9 condition_syntax@f1.yaml:10:24 "
            "wrong_shape@f1.yaml:14:9");
  EXPECT_TRUE(loaded.loader.rules().empty());
}

TEST(Loader, KeepsTheTextNumbersOfWhatDidNotChange) {
  base::Diagnostics diagnostics;
  Loader loader(options());
  loader.add_file("a.yaml", rule("ka.verb=x", "", "a") + rule("ka.verb=x", "", "b"), diagnostics);
  const std::uint32_t a = loader.rules()[0].condition_text_number;
  const std::uint32_t b = loader.rules()[1].condition_text_number;
  const condition::ExprPtr tree = loader.rules()[0].condition;
  EXPECT_NE(a, b);
  loader.add_file("b.yaml", rule("ka.verb=y", "", "b"), diagnostics);
  EXPECT_EQ(loader.rules()[0].condition_text_number, a);
  EXPECT_EQ(loader.rules()[0].condition, tree);
  EXPECT_NE(loader.rules()[1].condition_text_number, b);
}

TEST(Loader, KeepsDisabledRulesAndTheirProperties) {
  const Loaded loaded({rule("' ka.verb=x '", "  enabled: false\n  tags: [b, 1, b]\n")});
  const ResolvedRule* r = loaded.rule("r");
  ASSERT_NE(r, nullptr);
  EXPECT_FALSE(r->enabled);
  EXPECT_EQ(r->tags, (std::vector<std::string>{"1", "b"}));
  EXPECT_EQ(r->condition_text, "ka.verb=x");
  EXPECT_EQ(r->source, "k8s_audit");
  EXPECT_EQ(r->location, (base::Location{"f1.yaml", 1, 3}));
  EXPECT_EQ(r->output_location, (base::Location{"f1.yaml", 4, 11}));
}

TEST(Loader, KeepsARuleWhoseConditionIsWrongSoThatItsOutputIsChecked) {
  const Loaded loaded({rule("ka.verb=")});
  ASSERT_EQ(loaded.loader.rules().size(), 1U);
  EXPECT_EQ(loaded.loader.rules()[0].condition, nullptr);
}

TEST(Loader, PrintsMistakesWithSnippetAndCaret) {
  const Loaded loaded(
      {"- {macro: spawned, condition: ka.verb=create}\n" + rule("spawnd and ka.stage=x")});
  EXPECT_EQ(base::to_text(loaded.diagnostics.list().front()),
            "f1.yaml:4:14: error: no macro 'spawnd' in this or an earlier file, and a condition "
            "needs a test such as field = value [undefined_macro, LOAD_ERR_VALIDATE]\n"
            "  in rule \"r\"\n"
            "    condition: spawnd and ka.stage=x\n"
            "               ^\n"
            "  note: did you mean 'spawned'?\n");
}

TEST(Loader, WorksWithoutKnowingFields) {
  LoaderOptions bare;
  const Loaded loaded(
      {rule("ka.verb = ka.stage", "  exceptions: [{name: e, fields: ka.nope, values: [a]}]\n")},
      bare);
  EXPECT_EQ(loaded.report(), "");
}

}  // namespace
}  // namespace tiercel::rules::tests
