#include <gtest/gtest.h>

#include "rules_support.h"

namespace tiercel::rules {
namespace {

using Step = Selection::Step;

TEST(NameMatches, IsGreedyAndDoesNotBacktrack) {
  struct {
    const char* pattern;
    const char* name;
    bool matches;
  } const cases[] = {
      {"abc", "abc", true},  {"abc", "abcd", false},  {"b", "abc", false},  {"*", "", true},
      {"*", "x", true},      {"*e", "one", true},     {"*e", "eve", false}, {"a*", "abc", true},
      {"a*", "bac", false},  {"*b*", "abc", true},    {"*b*", "ac", false}, {"a*c", "abc", true},
      {"a*c", "acc", false}, {"a*b*d", "abcd", true}, {"**", "x", true},    {"", "", true},
      {"", "x", false},      {"a*a", "a", false},     {"*ab", "aab", true},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(name_matches(c.pattern, c.name), c.matches) << c.pattern << " " << c.name;
  }
}

ResolvedRule make(const std::string& name, base::Priority priority, bool enabled,
                  std::vector<std::string> tags) {
  ResolvedRule rule;
  rule.name = name;
  rule.priority = priority;
  rule.enabled = enabled;
  rule.tags = std::move(tags);
  return rule;
}

// The rules in order, disabled ones in parentheses.
std::string selected(const Selection& selection) {
  std::vector<ResolvedRule> rules{make("a", base::Priority::kError, true, {"x"}),
                                  make("b", base::Priority::kNotice, true, {"y"}),
                                  make("c", base::Priority::kDebug, false, {"x", "z"}),
                                  make("ab", base::Priority::kCritical, true, {})};
  apply_selection(selection, rules);
  std::string out;
  for (const ResolvedRule& rule : rules) {
    out += (out.empty() ? "" : " ") + (rule.enabled ? rule.name : "(" + rule.name + ")");
  }
  return out;
}

Step enable(const char* rule) { return {true, rule, std::nullopt}; }
Step disable(const char* rule) { return {false, rule, std::nullopt}; }

TEST(Selection, WithoutStepsChangesNothing) { EXPECT_EQ(selected({}), "a b (c) ab"); }

TEST(Selection, WhatIsDisabledByNameIsThatNameAlone) {
  Selection selection;
  selection.steps = {enable("*")};
  selection.disabled = {"a*", "b"};
  EXPECT_EQ(selected(selection), "a (b) ab c");
}

TEST(Selection, AppliesStepsInOrderAndMovesWhatComesBackToTheEnd) {
  Selection selection;
  selection.steps = {disable("*")};
  EXPECT_EQ(selected(selection), "(a) (b) (c) (ab)");
  selection.steps = {disable("*"), enable("b"), enable("a*")};
  EXPECT_EQ(selected(selection), "(c) b a ab");
  selection.steps = {enable("c"), enable("a")};
  EXPECT_EQ(selected(selection), "a b ab c");
  selection.steps = {disable("a"), enable("a"), disable("a")};
  EXPECT_EQ(selected(selection), "b (c) ab (a)");
  selection.steps = {disable("A"), disable("x")};
  EXPECT_EQ(selected(selection), "a b (c) ab");
}

TEST(Selection, ByTagIsExactAndJoinsWithTheRule) {
  Selection selection;
  selection.steps = {{false, std::nullopt, "x"}};
  EXPECT_EQ(selected(selection), "(a) b (c) ab");
  selection.steps = {{false, std::nullopt, "*"}};
  EXPECT_EQ(selected(selection), "a b (c) ab");
  selection.steps = {{false, "b", "x"}};
  EXPECT_EQ(selected(selection), "(a) (b) (c) ab");
}

TEST(Selection, TheThresholdWins) {
  Selection selection;
  selection.threshold = base::Priority::kError;
  EXPECT_EQ(selected(selection), "a (b) (c) ab");
  selection.steps = {enable("c")};
  EXPECT_EQ(selected(selection), "a (b) ab (c)");
}

TEST(Selection, HasTheOldFlags) {
  Selection selection;
  selection.disable_substrings = {"b"};
  EXPECT_EQ(selected(selection), "a (b) (c) (ab)");
  selection = {};
  selection.disable_tags = {"x", "q"};
  EXPECT_EQ(selected(selection), "(a) b (c) ab");
  selection = {};
  selection.only_tags = {"x"};
  EXPECT_EQ(selected(selection), "a (b) c (ab)");
}

}  // namespace
}  // namespace tiercel::rules
