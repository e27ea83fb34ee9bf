#include "advice.h"

#include <gtest/gtest.h>

#include "append_advice.h"
#include "rules_support.h"

namespace tiercel::rules::tests {
namespace {

struct Case {
  const char* condition;
  const char* codes;
};

TEST(Advice, IsGivenForWhatIsProbablyNotMeant) {
  for (const Case& c : {
           Case{"ka.impuser.name = <NA>", "unsafe_na_check"},
           Case{"jevt.value[/a] != \"<NA>\"", "unsafe_na_check"},
           Case{"ka.verb in (a, <NA>)", "unsafe_na_check"},
           Case{"ka.user.groups intersects (<NA>)", "unsafe_na_check"},
           Case{"ka.uri pmatch (<NA>)", "unsafe_na_check"},
           Case{"evt.type = <NA>", ""},
           Case{"ka.verb contains <NA>", ""},
           Case{"tolower(ka.verb) = <NA>", ""},
           Case{"ka.verb = <NA>x", ""},
           Case{"ka.verb regex create", "plain_regex"},
           Case{"ka.verb regex \"^create\"", ""},
           Case{"ka.verb regex c.*", ""},
           Case{"ka.verb = ka.stage", "constant_is_field"},
           Case{"ka.verb in (a, \"ka.stage\")", "constant_is_field"},
           Case{"ka.verb = val(ka.stage)", ""},
           Case{"ka.verb = \"tolower(ka.stage)\"", "constant_is_call"},
           Case{"ka.verb = \"val(x)\"", "constant_is_call"},
           Case{"ka.verb = \"nosuch(x)\"", ""},
           Case{"ka.verb = \"len\"", ""},
           Case{"ka.response.code > 300", "text_order"},
           Case{"jevt.value[/a] <= 3", "text_order"},
           Case{"len(ka.verb) > 3", ""},
           Case{"evt.num > 3", ""},
           Case{"not (ka.verb = a or ka.response.code >= 4)", "text_order"},
       }) {
    const std::string yaml = rule("|\n    " + std::string(c.condition));
    const Loaded loaded({yaml});
    EXPECT_EQ(loaded.codes(), c.codes) << c.condition << base::to_text(loaded.diagnostics);
  }
}

TEST(Advice, InAMacroIsGivenOnceWhereItIsUsed) {
  const std::string macro = "- {macro: m, condition: ka.response.code > 300}\n";
  EXPECT_EQ(Loaded({macro + rule("m") + rule("not m", "", "q")}).report(),
            "text_order@f1.yaml:1:25");
}

TEST(AppendAdvice, KnowsAlternativesOutsideParenthesesAndQuotes) {
  EXPECT_TRUE(has_alternatives("a or b"));
  EXPECT_TRUE(has_alternatives("(a and b) or\nc"));
  EXPECT_TRUE(has_alternatives("a or(b)"));
  EXPECT_FALSE(has_alternatives("(a or b)"));
  EXPECT_FALSE(has_alternatives("a = \"x or y\""));
  EXPECT_FALSE(has_alternatives("a = 'x or y\\' or z'"));
  EXPECT_FALSE(has_alternatives("for = or2"));
  EXPECT_TRUE(starts_with_and(" and b"));
  EXPECT_TRUE(starts_with_and("and(b)"));
  EXPECT_FALSE(starts_with_and("andy"));
  EXPECT_FALSE(starts_with_and("or b"));
}

TEST(AppendAdvice, WarnsForRulesAndMacros) {
  const char* const to_macro =
      "- {macro: m, condition: ka.verb=a or ka.verb=b}\n"
      "- {macro: m, condition: ' and ka.stage=c', override: {condition: append}}\n";
  EXPECT_EQ(Loaded({to_macro + rule("m")}).report(), "append_after_or@f1.yaml:2:27");
  const std::string alternatives = rule("ka.verb=a or ka.verb=b");
  const auto append = [&](const std::string& condition) {
    return Loaded({alternatives + "- {rule: r, condition: " + condition +
                   ", override: {condition: append}}\n"})
        .codes();
  };
  EXPECT_EQ(append("and ka.stage=c"), "append_after_or");
  EXPECT_EQ(append("or ka.stage=c"), "");
}

}  // namespace
}  // namespace tiercel::rules::tests
