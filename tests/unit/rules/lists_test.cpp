#include <gtest/gtest.h>

#include "rules_support.h"

namespace tiercel::rules::tests {
namespace {

struct Case {
  const char* lists;      ///< one flow map a line
  const char* condition;  ///< as YAML
  const char* text;       ///< after substitution
};

TEST(Lists, AreWrittenOutAsText) {
  for (const Case& c : {
           Case{"- {list: l, items: [a, b]}\n", "ka.verb in (l)", "ka.verb in (a, b)"},
           Case{"- {list: l, items: [a, b]}\n", "ka.verb in ( x,\tl , y)",
                "ka.verb in ( x,a, b, y)"},
           Case{"- {list: l, items: [a b, '\"c d\"', \"'e f'\"]}\n", "ka.verb in (l)",
                "ka.verb in (\"a b\", \"c d\", 'e f')"},
           Case{"- {list: l, items: [a]}\n", "ka.verb=l and ka.stage=l", "ka.verb=aand ka.stage=a"},
           Case{"- {list: l, items: [a]}\n", "ka.verb in (\"l\", l-l, ll, l)",
                "ka.verb in (\"l\", l-l, ll,a)"},
           Case{"- {list: l, items: []}\n", "ka.verb in (l)", "ka.verb in ()"},
           Case{"- {list: l, items: []}\n", "ka.verb in (x, l)", "ka.verb in (x)"},
           Case{"- {list: l, items: []}\n", "ka.verb in (l, x)", "ka.verb in ( x)"},
           Case{"- {list: l, items: []}\n", "ka.verb in (x, l, y)", "ka.verb in (x, y)"},
           Case{"- {list: l, items: ['', a]}\n", "ka.verb in (l)", "ka.verb in (a)"},
           Case{"- {list: l, items: ['']}\n", "ka.verb in (x, l)", "ka.verb in (x)"},
           Case{"- {list: l, items: [a]}\n", "ka.verb in (l, l)", "ka.verb in (a,a)"},
           Case{"- {list: l, items: [l, m]}\n", "ka.verb in (l)", "ka.verb in (l, m)"},
           Case{"- {list: a, items: [x]}\n- {list: b, items: [a]}\n", "ka.verb in (b)",
                "ka.verb in (x)"},
           Case{"- {list: b, items: [a]}\n- {list: a, items: [x]}\n", "ka.verb in (b)",
                "ka.verb in (x)"},
           Case{"- {list: b, items: [a]}\n- {list: a, items: [x, y z]}\n- {list: b, items: [a]}\n",
                "ka.verb in (b)", "ka.verb in (x, \"y z\")"},
           Case{"- {list: a, items: [x]}\n- {list: b, items: [a]}\n- {list: c, items: [b]}\n",
                "ka.verb in (c)", "ka.verb in (a)"},
           Case{"- {list: c, items: [b]}\n- {list: b, items: [a]}\n- {list: a, items: [x]}\n",
                "ka.verb in (c)", "ka.verb in (x)"},
           Case{"- {list: a, items: [x]}\n- {list: c, items: [b]}\n- {list: b, items: [a]}\n",
                "ka.verb in (c)", "ka.verb in (x)"},
           Case{"- {list: a b, items: [x]}\n", "ka.verb in (a b)", "ka.verb in (x)"},
       }) {
    const Loaded loaded({c.lists + rule("'" + std::string(c.condition) + "'", "", "r")});
    if (std::string_view(c.condition).find('\'') == std::string_view::npos) {
      EXPECT_EQ(loaded.text(), c.text) << c.lists;
    }
  }
}

TEST(Lists, AppendAndReplace) {
  const char* const tail = "- {list: l, items: [b], override: {items: append}}\n";
  EXPECT_EQ(
      Loaded({"- {list: l, items: [a]}\n" + std::string(tail) + rule("ka.verb in (l)")}).text(),
      "ka.verb in (a, b)");
  EXPECT_EQ(Loaded({"- {list: l, items: [a]}\n" + rule("ka.verb in (l)"),
                    "- {list: l, items: [c], override: {items: replace}}\n"})
                .text(),
            "ka.verb in (c)");
}

TEST(Lists, WarnOfReplacementsThatSurprise) {
  const std::string list = "- {list: pods, items: [x]}\n";
  const auto codes = [&](const std::string& condition) {
    return Loaded({list + rule(condition)}).codes();
  };
  EXPECT_EQ(codes("ka.target.resource = pods"), "list_as_value");
  // The blank before the name goes too, as in Falco.
  EXPECT_EQ(codes("ka.uri contains pods"), "list_as_value condition_syntax");
  EXPECT_EQ(codes("'ka.user.name = \"all pods here\"'"), "list_in_quotes");
  EXPECT_EQ(codes("ka.verb in (a, pods)"), "");
  EXPECT_EQ(codes("ka.verb in pods"), "");
  EXPECT_EQ(codes("ka.uri startswith oneof pods"), "");
  EXPECT_EQ(codes("ka.target.resource = pods or ka.verb = pods-x"),
            "list_as_value condition_syntax");
}

TEST(Lists, StopBeforeTheyGrowTooLarge) {
  std::string yaml;
  for (int level = 0; level < 9; ++level) {
    const std::string next = "l" + std::to_string(level + 1);
    yaml += "- {list: l" + std::to_string(level) + ", items: [" + next;
    for (int n = 1; n < 10; ++n) {
      yaml += ", " + next;
    }
    yaml += "]}\n";
  }
  const Loaded loaded({yaml + rule("ka.verb in (l0)")});
  EXPECT_EQ(loaded.codes(), "condition_too_large");
  EXPECT_EQ(loaded.tree(), "none");
}

TEST(Lists, AreSummarisedWithTheirItems) {
  const Loaded loaded(
      {"- {list: a, items: [x, y z]}\n- {list: b, items: [a]}\n"
       "- {macro: m, condition: ' ka.verb in (b) '}\n" +
       rule("m")});
  std::string summary;
  for (const Loader::Definition& definition : loaded.loader.definitions()) {
    summary += definition.kind + " " + definition.name + " [" + definition.text + "] " +
               std::to_string(definition.location.line) + (definition.used ? " used\n" : "\n");
  }
  EXPECT_EQ(summary,
            "macro m [ka.verb in (b)] 3 used\nlist a [x, \"y z\"] 1 used\n"
            "list b [x, \"y z\"] 2 used\n");
}

}  // namespace
}  // namespace tiercel::rules::tests
