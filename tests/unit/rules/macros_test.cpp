#include <gtest/gtest.h>

#include "rules_support.h"

namespace tiercel::rules::tests {
namespace {

std::string macro(const std::string& name, const std::string& condition) {
  return "- {macro: " + name + ", condition: '" + condition + "'}\n";
}

TEST(Macros, KeepTheirGrouping) {
  EXPECT_EQ(Loaded({macro("m", "ka.verb=a or ka.verb=b") + rule("not m and ka.stage=c")}).tree(),
            "and{not{or{ka.verb = a ka.verb = b}} ka.stage = c}");
  EXPECT_EQ(Loaded({rule("m") + macro("m", "ka.verb=a")}).tree(), "ka.verb = a");
  EXPECT_EQ(
      Loaded({macro("a", "ka.verb=x") + macro("b", "a or ka.verb=y") + rule("a and b")}).tree(),
      "and{ka.verb = x or{ka.verb = x ka.verb = y}}");
}

TEST(Macros, RedefinitionReachesEarlierUsers) {
  EXPECT_EQ(Loaded({macro("m", "ka.verb=a") + macro("n", "m") + rule("n"), macro("m", "ka.verb=b")})
                .tree(),
            "ka.verb = b");
}

TEST(Macros, SeeWhatWasFirstDefinedBeforeTheirLatestText) {
  // a is defined first, but its latest text comes after b.
  EXPECT_EQ(
      Loaded({macro("a", "ka.verb=x") + macro("b", "ka.verb=y") + macro("a", "b") + rule("a")})
          .tree(),
      "ka.verb = y");
  EXPECT_EQ(Loaded({macro("a", "ka.verb=x") + macro("b", "ka.verb=y") +
                    "- {macro: a, condition: or b, override: {condition: append}}\n" + rule("a")})
                .tree(),
            "or{ka.verb = x ka.verb = y}");
}

struct Case {
  std::string yaml;
  const char* report;
};

TEST(Macros, AreReportedWhereTheyAreNamed) {
  for (const Case& c : {
           Case{rule("ka.verb=a and nope"), "undefined_macro@f1.yaml:3:28"},
           Case{macro("m", "n or ka.verb=a") + macro("n", "ka.verb=b") + rule("m and n"),
                "undefined_macro@f1.yaml:1:26"},
           Case{macro("m", "ka.verb=a") + macro("n", "m") + macro("m", "ka.verb=b and n") +
                    rule("m and n"),
                "macro_cycle@f1.yaml:2:26"},
           Case{macro("m", "ka.verb=") + rule("m or ka.verb=a"), "condition_syntax@f1.yaml:1:34"},
           Case{rule("a and b and ka.verb=x"),
                "undefined_macro@f1.yaml:3:14 undefined_macro@f1.yaml:3:20"},
       }) {
    const Loaded loaded({c.yaml});
    EXPECT_EQ(loaded.report(), c.report) << c.yaml << base::to_text(loaded.diagnostics);
    EXPECT_EQ(loaded.tree(), "none");
  }
}

TEST(Macros, SuggestTheNearestName) {
  const Loaded loaded({macro("kcreate", "ka.verb=create") + rule("kcraete and kcreate")});
  ASSERT_EQ(loaded.diagnostics.list().size(), 1U);
  EXPECT_EQ(loaded.diagnostics.list()[0].notes,
            std::vector<std::string>{"did you mean 'kcreate'?"});
}

TEST(Macros, AFilesRulesSeeOnlyItAndEarlierFiles) {
  const Loaded loaded({rule("m"), macro("m", "ka.verb=a")});
  EXPECT_EQ(loaded.report(), "undefined_macro@f1.yaml:3:14");
}

TEST(Macros, UnusedOnesAreReportedOnceWhenTheirFileLoads) {
  const Loaded loaded({macro("m", "ka.verb=a"), macro("n", "ka.verb=b"), rule("m")});
  EXPECT_EQ(loaded.report(), "unused_macro@f1.yaml:1:11 unused_macro@f2.yaml:1:11");
}

TEST(Macros, BoundTheSizeOfWhatTheyGrowTo) {
  std::string yaml = macro("m0", "ka.verb=a and ka.stage=b");
  for (int level = 1; level < 30; ++level) {
    const std::string before = "m" + std::to_string(level - 1);
    yaml += macro("m" + std::to_string(level), before + " or " + before);
  }
  const Loaded loaded({yaml + rule("m29")});
  EXPECT_EQ(loaded.codes(), "condition_too_large");
  EXPECT_EQ(loaded.tree(), "none");
}

TEST(Macros, BoundTheDepthOfWhatTheyGrowTo) {
  const auto chain = [](int length) {
    std::string yaml = macro("m0", "ka.verb=a");
    for (int level = 1; level < length; ++level) {
      yaml += macro("m" + std::to_string(level), "not m" + std::to_string(level - 1));
    }
    return yaml + rule("m" + std::to_string(length - 1));
  };
  EXPECT_EQ(Loaded({chain(900)}).report(), "");
  EXPECT_EQ(Loaded({chain(1200)}).codes(), "condition_too_deep");
}

}  // namespace
}  // namespace tiercel::rules::tests
