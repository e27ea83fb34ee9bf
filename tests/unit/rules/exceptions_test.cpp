#include <gtest/gtest.h>

#include "rules_support.h"

namespace tiercel::rules::tests {
namespace {

std::string with(const std::string& exceptions) {
  return rule("ka.verb=a or ka.verb=b", "  exceptions: [" + exceptions + "]\n");
}

struct Case {
  const char* exceptions;
  const char* text;
};

TEST(Exceptions, AreWovenIntoTheCondition) {
  for (const Case& c : {
           Case{"{name: e, fields: ka.user.name, values: [x, y z]}",
                "(ka.verb=a or ka.verb=b) and not ka.user.name in (x, \"y z\")"},
           Case{"{name: e, fields: [ka.user.name, ka.uri], values: [[x, y], [z, '\"a b\"']]}",
                "(ka.verb=a or ka.verb=b) and not ((ka.user.name = x and ka.uri = y) or "
                "(ka.user.name = z and ka.uri = \"a b\"))"},
           Case{"{name: e, fields: [ka.user.name, ka.uri], comps: [in, ' startswith '], values: "
                "[[[x, y z], q r]]}",
                "(ka.verb=a or ka.verb=b) and not ((ka.user.name in (x, \"y z\") and ka.uri "
                "startswith \"q r\"))"},
           Case{"{name: e, fields: [ka.user.name], comps: [in], values: [[x], [(y)]]}",
                "(ka.verb=a or ka.verb=b) and not ((ka.user.name in (x)) or (ka.user.name in "
                "(y)))"},
           Case{"{name: e, fields: ka.uri, comps: startswith anyof, values: [/a]}",
                "(ka.verb=a or ka.verb=b) and not ka.uri startswith anyof (/a)"},
           Case{"{name: e, fields: ka.uri}", "ka.verb=a or ka.verb=b"},
           Case{"{name: e, fields: ka.uri, values: []}", "ka.verb=a or ka.verb=b"},
           Case{"{name: e, fields: ka.uri, values: [a]}, {name: f, fields: tolower(ka.verb), "
                "values: [b]}",
                "(ka.verb=a or ka.verb=b) and not ka.uri in (a) and not tolower(ka.verb) in (b)"},
       }) {
    const Loaded loaded({with(c.exceptions)});
    EXPECT_EQ(loaded.text(), c.text);
    EXPECT_EQ(loaded.report(), "");
  }
}

struct Mistake {
  const char* exceptions;
  const char* codes;
};

TEST(Exceptions, AreCheckedInADefinition) {
  for (const Mistake& c : {
           Mistake{"x", "wrong_shape"},
           Mistake{"{fields: ka.uri}", "missing_key"},
           Mistake{"{name: e}", "missing_key"},
           Mistake{"{name: e, fields: }", "empty_value"},
           Mistake{"{name: e, fields: []}", "exception_fields"},
           Mistake{"{name: e, fields: [[a]]}", "wrong_shape"},
           Mistake{"{name: e, fields: ka.nope}", "exception_unknown_field"},
           Mistake{"{name: e, fields: [ka.nope, ka.uri, x y]}",
                   "exception_unknown_field exception_unknown_field"},
           Mistake{"{name: e, fields: ka.uri, comps: }", "empty_value"},
           Mistake{"{name: e, fields: ka.uri, comps: '='}", "exception_comparison"},
           Mistake{"{name: e, fields: ka.uri, comps: [in]}", "exception_comparison"},
           Mistake{"{name: e, fields: [ka.uri], comps: in}", "exception_comparison"},
           Mistake{"{name: e, fields: [ka.uri], comps: [in, in]}", "exception_comparison"},
           Mistake{"{name: e, fields: [ka.uri], comps: [exists]}", "exception_comparison"},
           Mistake{"{name: e, fields: [ka.uri], comps: [strtswith]}", "exception_comparison"},
           Mistake{"{name: e, fields: [ka.uri], comps: [in oneof]}", "exception_comparison"},
           Mistake{"{name: e, fields: [ka.uri], comps: [contains someof]}", "exception_comparison"},
           Mistake{"{name: e, fields: ka.uri, values: }", "empty_value"},
           Mistake{"{name: e, fields: ka.uri, values: x}", "wrong_shape"},
           Mistake{"{name: e, fields: ka.uri, values: ['']}", "empty_value"},
           Mistake{"{name: e, fields: ka.uri, values: [~]}", "empty_value"},
           Mistake{"{name: e, fields: ka.uri, values: [{a: b}]}", "wrong_shape"},
           Mistake{"{name: e, fields: ka.uri, values: [[x]]}", "exception_values"},
           Mistake{"{name: e, fields: [ka.uri], values: [x]}", "exception_values"},
           Mistake{"{name: e, fields: [ka.uri], values: [[]]}", "exception_values"},
           Mistake{"{name: e, fields: [ka.uri], values: [[x, y]]}", "exception_values"},
           Mistake{"{name: e, fields: [ka.uri], values: [[[[x]]]]}", "wrong_shape"},
           Mistake{"{name: e, fields: ka.uri, values: [a], value: [b]}", "unknown_exception_key"},
           Mistake{"{name: e, fields: ka.uri}, {name: e, fields: ka.verb}", "exception_name_twice"},
       }) {
    EXPECT_EQ(Loaded({with(c.exceptions)}).codes(), c.codes) << c.exceptions;
  }
}

TEST(Exceptions, OfUnknownSourcesNeedNoKnownFields) {
  const Loaded loaded(
      {"- {rule: r, desc: d, condition: x, output: o, priority: INFO, source: okta, "
       "exceptions: [{name: e, fields: okta.nope, values: [a]}]}\n"});
  EXPECT_EQ(loaded.codes(), "unknown_rule_source");
}

TEST(Exceptions, AppendAddsValuesAndNewOnes) {
  const Loaded loaded({with("{name: e, fields: ka.uri, values: [a]}") +
                       "- {rule: r, exceptions: [{name: e, values: [b]}, {name: f, fields: "
                       "[ka.verb], values: [[c]]}], override: {exceptions: append}}\n"});
  EXPECT_EQ(loaded.text(),
            "(ka.verb=a or ka.verb=b) and not ka.uri in (a, b) and not ((ka.verb = c))");
  EXPECT_EQ(loaded.rule("r")->exception_names, (std::vector<std::string>{"e", "f"}));
  EXPECT_EQ(loaded.report(), "");
}

TEST(Exceptions, AreCheckedInAnAppend) {
  const auto codes = [](const std::string& exceptions) {
    return Loaded({with("{name: e, fields: [ka.uri], values: [[a]]}") +
                   "- {rule: r, exceptions: [" + exceptions +
                   "], override: {exceptions: append}}\n"})
        .codes();
  };
  EXPECT_EQ(codes("{name: e, fields: [ka.uri], comps: [in], values: [[b]]}"),
            "exception_redefined exception_redefined");
  EXPECT_EQ(codes("{name: e}"), "exception_without_values");
  EXPECT_EQ(codes("{name: e, values: []}"), "exception_without_values");
  EXPECT_EQ(codes("{name: e, values: [b]}"), "exception_values");
  EXPECT_EQ(codes("{name: f, values: [[b]]}"), "exception_fields");
  EXPECT_EQ(codes("{name: f, fields: ka.uri}"), "exception_fields");
  EXPECT_EQ(codes("{values: [[b]]}"), "missing_key");
}

TEST(Exceptions, ReplaceTakesAllAndHasTheUsualDefaults) {
  const std::string base = with("{name: e, fields: ka.uri, values: [a]}");
  const auto replaced = [&](const std::string& exceptions) {
    return Loaded({base + "- {rule: r, exceptions: [" + exceptions +
                   "], override: {exceptions: replace}}\n"});
  };
  EXPECT_EQ(replaced("{name: x, fields: [ka.verb], values: [[q]]}").text(),
            "(ka.verb=a or ka.verb=b) and not ((ka.verb = q))");
  EXPECT_EQ(replaced("{name: x, fields: ka.verb, values: [q]}").text(),
            "(ka.verb=a or ka.verb=b) and not ka.verb in (q)");
  EXPECT_EQ(replaced("").text(), "ka.verb=a or ka.verb=b");
  EXPECT_EQ(replaced("{name: x, fields: ka.nope, values: [q]}").codes(), "exception_unknown_field");
}

}  // namespace
}  // namespace tiercel::rules::tests
