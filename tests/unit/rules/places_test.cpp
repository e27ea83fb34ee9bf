// Mistakes inside conditions point to what was written, whatever was done to the text.
#include <gtest/gtest.h>

#include "rules_support.h"

namespace tiercel::rules::tests {
namespace {

// The first diagnostic as "line:column under-the-caret within > within".
std::string first(const std::vector<std::string>& files) {
  const Loaded loaded(files);
  if (loaded.diagnostics.empty()) {
    return "nothing";
  }
  const base::Diagnostic& diagnostic = loaded.diagnostics.list().front();
  std::string out = diagnostic.location.file + ":" + std::to_string(diagnostic.location.line) +
                    ":" + std::to_string(diagnostic.location.column) + " ";
  const std::size_t end = diagnostic.snippet.find_first_of(" \"',)}", diagnostic.caret);
  out += diagnostic.snippet.substr(diagnostic.caret, end - diagnostic.caret);
  for (std::size_t at = 0; at < diagnostic.within.size(); ++at) {
    out += (at == 0 ? " in " : " > ") + diagnostic.within[at];
  }
  return out;
}

TEST(Places, InEveryStyleOfScalar) {
  EXPECT_EQ(first({rule("ka.verb=a and nope and ka.verb=b")}), "f1.yaml:3:28 nope in rule \"r\"");
  EXPECT_EQ(first({rule("'ka.verb=''a'' and nope'")}), "f1.yaml:3:33 nope in rule \"r\"");
  EXPECT_EQ(first({rule("\"ka.verb=\\\"a\\\" and nope\"")}), "f1.yaml:3:33 nope in rule \"r\"");
  EXPECT_EQ(first({rule("ka.verb=a\n    and nope\n    or ka.verb=b")}),
            "f1.yaml:4:9 nope in rule \"r\"");
  EXPECT_EQ(first({rule(">\n    ka.verb=a\n    and nope\n    or ka.verb=b")}),
            "f1.yaml:5:9 nope in rule \"r\"");
  EXPECT_EQ(first({rule("|\n    ka.verb=a\n      and nope\n    or ka.verb=b")}),
            "f1.yaml:5:11 nope in rule \"r\"");
  EXPECT_EQ(first({rule(">-\r\n    ka.verb=a\r\n    and nope\r")}),
            "f1.yaml:5:9 nope in rule \"r\"");
}

TEST(Places, AfterAByteOrderMark) {
  EXPECT_EQ(first({"\xEF\xBB\xBF- {macro: m, condition: nope}\n"}),
            "f1.yaml:1:25 nope in macro \"m\"");
}

TEST(Places, AtTheEndOfACondition) {
  EXPECT_EQ(first({rule("ka.verb=a and")}), "f1.yaml:3:27  in rule \"r\"");
  EXPECT_EQ(first({rule("|\n    ka.verb=\n")}), "f1.yaml:4:13  in rule \"r\"");
}

TEST(Places, InAppendedText) {
  EXPECT_EQ(first({rule("ka.verb=a"),
                   "- rule: r\n  condition: and nope\n  override: {condition: append}\n"}),
            "f2.yaml:2:18 nope in rule \"r\"");
}

TEST(Places, BehindSubstitutedLists) {
  const std::string list = "- {list: long_list, items: [aaaaaaaaaaaaaaaaaa, b]}\n";
  EXPECT_EQ(first({list + rule("ka.verb in (long_list) and nope")}),
            "f1.yaml:4:41 nope in rule \"r\"");
}

TEST(Places, InAnItemOfAList) {
  const Loaded loaded({"- list: l\n  items: [a, 'a(b']\n" + rule("ka.verb in (l)")});
  ASSERT_EQ(loaded.codes(), "condition_syntax");
  const base::Diagnostic& diagnostic = loaded.diagnostics.list().front();
  EXPECT_EQ(diagnostic.location, (base::Location{"f1.yaml", 2, 16}));
  EXPECT_EQ(diagnostic.within, (std::vector<std::string>{"rule \"r\"", "list \"l\""}));
  EXPECT_EQ(diagnostic.notes,
            std::vector<std::string>{
                "the items of list \"l\" are put into the condition at f1.yaml:5:26"});
}

TEST(Places, InExceptions) {
  const std::string head =
      "  exceptions:\n    - name: e\n      fields: [ka.uri, ka.verb]\n"
      "      values:\n        - [x, y]\n";
  EXPECT_EQ(first({rule("ka.verb=a", head + "        - [x, a(b]\n")}),
            "f1.yaml:12:16 (b] in rule \"r\" > exception \"e\"");
  EXPECT_EQ(first({"- {list: l, items: [a, 'b=c']}\n" +
                   rule("ka.verb=a", "  exceptions: [{name: e, fields: ka.uri, values: [l]}]\n")}),
            "f1.yaml:1:26 =c in rule \"r\" > exception \"e\" > list \"l\"");
}

TEST(Places, OfEveryTextCanBeLookedUp) {
  const Loaded loaded({"- {macro: m, condition: ka.verb=a}\n" + rule("m and ka.stage=b")});
  const ResolvedRule* r = loaded.rule("r");
  ASSERT_NE(r, nullptr);
  ASSERT_EQ(r->condition->operands.size(), 2U);
  const auto place = [&](std::size_t operand) {
    return loaded.loader.locate(r->condition->operands[operand]->place);
  };
  EXPECT_EQ(place(0), (base::Location{"f1.yaml", 1, 25}));
  EXPECT_EQ(place(1), (base::Location{"f1.yaml", 4, 20}));
  EXPECT_EQ(loaded.loader.diagnose(r->condition->operands[0]->place).within,
            std::vector<std::string>{"macro \"m\""});
  EXPECT_EQ(loaded.loader.locate({r->condition_text_number, 0}),
            (base::Location{"f1.yaml", 4, 14}));
  EXPECT_EQ(loaded.loader.locate({}), base::Location{});
  EXPECT_EQ(loaded.loader.locate({99, 0}), base::Location{});
}

TEST(Places, OfALongLineComeWithAPartOfIt) {
  const Loaded loaded({rule("ka.verb in (" + std::string(5000, 'a') + ") and nope")});
  const base::Diagnostic& diagnostic = loaded.diagnostics.list().front();
  EXPECT_EQ(diagnostic.location.column, 14U + 5018U);
  EXPECT_EQ(diagnostic.snippet.size(), 204U);
  EXPECT_EQ(diagnostic.snippet.substr(diagnostic.caret), "nope");
}

}  // namespace
}  // namespace tiercel::rules::tests
