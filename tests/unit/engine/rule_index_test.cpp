#include "rule_index.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tiercel/condition/parser.h"

#include "events.h"

namespace tiercel::engine {
namespace {

using Rules = std::vector<std::uint32_t>;

/// An index of rules, and what one thread keeps to ask it.
class Indexed {
 public:
  void add(const std::string& condition) {
    const auto parsed = condition::parse(condition);
    ASSERT_NE(parsed.tree, nullptr) << condition << ": " << parsed.error.message;
    index_.add(*parsed.tree);
  }
  void build() { index_.build(fields_); }
  /// The rules to try, of each event of a body.
  std::vector<Rules> of_each(const std::string& events) {
    std::vector<Rules> found;
    tests::for_each_event(events, [&](const audit::AuditEvent& event) {
      map_.bind(fields_, context_, event);
      const auto candidates = index_.candidates(map_, scratch_);
      found.emplace_back(candidates.begin(), candidates.end());
    });
    return found;
  }
  /// Of a body of one event.
  Rules of(const std::string& event) {
    std::vector<Rules> found = of_each(event);
    EXPECT_EQ(found.size(), 1U);
    return found.empty() ? Rules{} : found.front();
  }
  [[nodiscard]] std::size_t size() const { return index_.all_rules().size(); }
  [[nodiscard]] const RuleSplit::Scratch& scratch() const { return scratch_; }

 private:
  RuleIndex index_;
  audit::FieldSet fields_;
  audit::FieldMap map_;
  const audit::FieldContext context_;
  RuleSplit::Scratch scratch_;
};

std::string needs(const std::string& condition, std::string_view field = "ka.verb") {
  const auto parsed = condition::parse(condition);
  EXPECT_NE(parsed.tree, nullptr) << condition << ": " << parsed.error.message;
  const Demands demands = demands_of(*parsed.tree);
  const auto demand = demands.find(std::string(field));
  if (demand == demands.end()) {
    return "any";
  }
  std::string text;
  for (const std::string& value : demand->second.exact) {
    text += text.empty() ? value : "," + value;
  }
  for (const std::string& value : demand->second.prefixes) {
    text += (text.empty() ? "" : ",") + value + "*";
  }
  for (const std::string& value : demand->second.parts) {
    text += (text.empty() ? "*" : ",*") + value + "*";
  }
  return text;
}

TEST(RuleIndex, ConcludesWhatAConditionDemands) {
  EXPECT_EQ(needs("ka.verb = create"), "create");
  EXPECT_EQ(needs("ka.verb in (create, get)"), "create,get");
  EXPECT_EQ(needs("ka.verb = anyof (create, get)"), "create,get");
  EXPECT_EQ(needs("ka.stage = x and ka.verb in (a, b) and ka.verb in (b, c)"), "b");
  EXPECT_EQ(needs("ka.verb = a or (ka.verb = b and ka.stage = x)"), "a,b");
  EXPECT_EQ(needs("not (not ka.verb = a or ka.stage = x)"), "a") << "De Morgan";
  EXPECT_EQ(needs("ka.verb = a and not ka.verb = b"), "a");
  EXPECT_EQ(needs("ka.verb startswith cre"), "cre*");
  EXPECT_EQ(needs("ka.verb startswith anyof (cre, de) or ka.verb = get"), "get,cre*,de*");
  EXPECT_EQ(needs("ka.verb startswith cre and ka.verb in (create, get)"), "create,get");
  EXPECT_EQ(needs("ka.verb startswith anyof (a, b) and ka.verb startswith c"), "c*");
  EXPECT_EQ(needs("ka.user.groups intersects (g, h)", "ka.user.groups"), "g,h");
  EXPECT_EQ(needs("ka.verb contains ea"), "*ea*");
  EXPECT_EQ(needs("ka.verb contains anyof (ea, e) or ka.verb startswith d"), "d*,*e*,*ea*");
  EXPECT_EQ(needs("ka.verb contains ea and ka.verb startswith anyof (c, d)"), "c*,d*");
  EXPECT_EQ(needs("ka.verb contains ea and ka.verb in (create, get)"), "create,get");
}

// Of a list one element can meet the one demand and another the other.
TEST(RuleIndex, IntersectsOfListsOnlyWhatEveryElementIs) {
  const auto of = [](const std::string& condition) { return needs(condition, "ka.user.groups"); };
  const std::string some = "ka.user.groups intersects ";
  const std::string every = "ka.user.groups in ";
  EXPECT_EQ(of(some + "(a) and " + some + "(b, c)"), "a");
  EXPECT_EQ(of(some + "(b, c) and " + some + "(a)"), "a");
  EXPECT_EQ(of(every + "(a, b) and " + some + "(b, c)"), "b");
  EXPECT_EQ(of(every + "(a, b) and " + every + "(b, c)"), "b");
  EXPECT_EQ(of("(" + every + "(a, b) or " + some + "(d)) and " + some + "(b)"), "b");
  EXPECT_EQ(of("(" + every + "(a) or " + some + "(d)) and " + some + "(b, c, e)"), "a,d");
}

TEST(RuleIndex, ConcludesNothingWhereItCannot) {
  EXPECT_EQ(needs("not ka.verb = create"), "any");
  EXPECT_EQ(needs("ka.verb != create"), "any");
  EXPECT_EQ(needs("ka.verb = a or ka.stage = x"), "any");
  EXPECT_EQ(needs("ka.verb = val(ka.stage)"), "any");
  EXPECT_EQ(needs("tolower(ka.verb) = create"), "any");
  EXPECT_EQ(needs("ka.verb = allof (a, b)"), "any");
  EXPECT_EQ(needs("ka.verb glob create"), "any");
  EXPECT_EQ(needs("ka.verb startswith ''"), "any");
  EXPECT_EQ(needs("ka.verb startswith allof (a, ab)"), "any");
  EXPECT_EQ(needs("ka.verb contains ''"), "any");
  EXPECT_EQ(needs("ka.verb contains allof (a, b)"), "any");
  EXPECT_EQ(needs("ka.verb icontains a"), "any");
}

TEST(RuleIndex, GivesASupersetOfWhatMatchesInOrder) {
  Indexed index;
  const std::vector<std::string> conditions{
      "ka.verb = create and ka.target.resource = pods",
      "ka.stage = ResponseStarted",
      "not ka.verb = create",
      "ka.target.resource in (pods, services) and ka.verb in (create, delete)",
  };
  for (const std::string& condition : conditions) {
    index.add(condition);
  }
  index.build();
  EXPECT_EQ(
      index.of(R"({"kind":"Event","auditID":"a","verb":"create","objectRef":{"resource":"pods"}})"),
      (Rules{0, 2, 3}));
  EXPECT_EQ(index.of(R"({"kind":"Event","auditID":"a","verb":"get","stage":"ResponseStarted"})"),
            (Rules{1, 2}));
  EXPECT_EQ(index.of(R"({"kind":"Event"})"), Rules{2}) << "absent fields satisfy no demand";
  EXPECT_EQ(index.size(), conditions.size());
}

TEST(RuleIndex, StaysSmallWhateverRulesName) {
  Indexed index;
  for (int rule = 0; rule < 3000; ++rule) {
    const std::string n = std::to_string(rule);
    index.add("ka.verb = v" + n + " and ka.target.resource = r" + n + " and ka.stage = s" + n);
  }
  index.build();  // a full table would have 27 thousand million cells
  const Rules found = index.of(
      R"({"kind":"Event","auditID":"a","verb":"v7","stage":"s7","objectRef":{"resource":"r7"}})");
  EXPECT_EQ(std::count(found.begin(), found.end(), 7U), 1);
}

// Rules about one cell of the table, told apart by a list of images, a namespace, the
// beginning of a user's name, or by nothing that can be looked up.
TEST(RuleIndex, SplitsRulesThatStageVerbAndResourceDoNotTellApart) {
  Indexed index;
  constexpr std::uint32_t kEach = 100;
  for (std::uint32_t number = 0; number < kEach; ++number) {
    const std::string n = std::to_string(number);
    const std::vector<std::string> conditions{
        "ka.req.pod.containers.image intersects (app" + n + ", old" + n + ")",
        "ka.target.namespace = team" + n, "ka.user.name startswith u" + n + "-",
        "ka.target.name = allof (a, b)"};
    for (const std::string& condition : conditions) {
      if (number == 0 || !condition.starts_with("ka.target.name =")) {
        index.add("ka.verb = create and " + condition);
      }
    }
  }
  index.build();
  const Rules found = index.of(
      R"({"kind":"Event","auditID":"a","verb":"create","user":{"username":"u7-x"},
          "objectRef":{"resource":"pods","namespace":"team9"},"requestObject":{"spec":{
          "containers":[{"image":"app3"},{"image":"old5"},{"image":"app5"}]}}})");
  // Four rules came with number 0, three with each other number; rule 3 is always a candidate.
  const auto place = [](std::uint32_t number, std::uint32_t which) {
    return number * 3 + which + (number == 0 ? 0 : 1);
  };
  EXPECT_EQ(found,
            (std::vector<std::uint32_t>{3, place(3, 0), place(5, 0), place(7, 2), place(9, 1)}));
}

// Rules that look for a part of a text, and some that a text may hold together.
TEST(RuleIndex, SplitsRulesByThePartsThatTextsHold) {
  Indexed index;
  for (int number = 0; number < 100; ++number) {
    index.add("ka.useragent contains tool" + std::to_string(number) + "/");
  }
  index.add("ka.useragent contains ool7");
  index.add("ka.useragent contains absent");
  index.build();
  EXPECT_EQ(index.of_each(
                R"([{"kind":"Event","auditID":"a","userAgent":"tool7/1 tool71/2 tool7/1 tool99"},)"
                R"({"kind":"Event","auditID":"b","userAgent":"tool"},)"
                R"({"kind":"Event","auditID":"c"},)"
                R"({"kind":"Event","auditID":"d","userAgent":"tool7/"}])"),
            (std::vector<Rules>{{7, 71, 100}, {}, {}, {7, 100}}));
}

// All of a text is read only where nothing cheaper tells the rules apart.
TEST(RuleIndex, LooksForPartsWhereOtherTextsLeaveManyRules) {
  Indexed index;
  for (int number = 0; number < 60; ++number) {
    const std::string n = std::to_string(number);
    const std::string part = " and ka.useragent contains tool" + n + "/";
    index.add("ka.target.namespace = " + (number < 30 ? "own" + n : "shared") + part);
  }
  index.build();
  const auto of = [&](const std::string& name, const std::string& agent) {
    return index.of(R"({"kind":"Event","auditID":"a","userAgent":")" + agent +
                    R"(","objectRef":{"namespace":")" + name + "\"}}");
  };
  EXPECT_EQ(of("own3", "curl"), Rules{3}) << "by its namespace";
  EXPECT_EQ(of("shared", "curl"), Rules{});
  EXPECT_EQ(of("shared", "tool41/2"), Rules{41});
}

// One that is found by a part makes no candidates of those that name the same field's parts and
// are found by something rarer.
TEST(RuleIndex, ARuleFoundByItsPartBringsNoOthers) {
  for (const char* const more : {"evil", "kubectl"}) {
    Indexed index;
    for (int number = 0; number < 100; ++number) {
      index.add("ka.target.namespace = n" + std::to_string(number) +
                " and ka.useragent contains kubectl");
    }
    index.add("ka.useragent contains " + std::string(more));
    index.build();
    const Rules found = index.of(
        R"({"kind":"Event","auditID":"a","userAgent":"kubectl evil","objectRef":{"namespace":"n7"}})");
    EXPECT_EQ(found, (Rules{7, 100})) << more;
  }
}

// Rules about any verb and resource have lists of their own, by stage where stages are few.
TEST(RuleIndex, FindsManyRulesAboutAnyVerbAndResource) {
  for (const std::uint32_t stages : {1U, 4U, 20U, 3000U}) {
    Indexed index;
    for (std::uint32_t number = 0; number < 3000; ++number) {
      const std::string n = std::to_string(number);
      const std::string user = "ka.user.name = u" + std::to_string(number % 100);
      if (number % 3 == 0) {
        index.add("ka.stage = s" + std::to_string(number % stages) + " and " + user);
      } else if (number % 3 == 1) {
        index.add(user);
      } else {
        // As many verbs and resources as make the table too large, with stages as many.
        index.add("ka.verb = v" + n + " and ka.target.resource = r" + n + " and " + user);
      }
    }
    index.build();
    for (const std::uint32_t number : {0U, 57U, 2999U}) {
      const std::string event = R"({"kind":"Event","auditID":"a","stage":"s)" +
                                std::to_string(number % stages) + R"(","verb":"v)" +
                                std::to_string(number) + R"(","objectRef":{"resource":"r)" +
                                std::to_string(number) + R"("},"user":{"username":"u)" +
                                std::to_string(number % 100) + "\"}}";
      const Rules found = index.of(event);
      EXPECT_TRUE(std::is_sorted(found.begin(), found.end()));
      Rules wanted;  // what matches, of a superset
      for (std::uint32_t rule = 0; rule < 3000; ++rule) {
        const bool is_met = rule % 3 == 0   ? rule % stages == number % stages
                            : rule % 3 == 1 ? true
                                            : rule == number;
        if (is_met && rule % 100 == number % 100) {
          wanted.push_back(rule);
        }
      }
      EXPECT_TRUE(std::includes(found.begin(), found.end(), wanted.begin(), wanted.end()))
          << stages << " stages, event " << number;
      EXPECT_LT(found.size(), 100U) << "of 3,000, told apart by their user";
    }
  }
}

// Rules that name no verb stand in the lists of all verbs.
TEST(RuleIndex, FindsRulesByPartsInEachOfManyLists) {
  Indexed index;
  for (int number = 0; number < 100; ++number) {
    const std::string n = std::to_string(number);
    index.add("ka.verb = v" + n + " and ka.target.resource = r" + n);
    index.add("ka.useragent contains " + std::string(200, 'x') + n + "y");
  }
  index.build();
  for (const std::uint32_t number : {0U, 7U, 99U}) {
    const std::string n = std::to_string(number);
    EXPECT_EQ(index.of(R"({"kind":"Event","auditID":"a","verb":"v)" + n +
                       R"(","objectRef":{"resource":"r)" + n + R"("},"userAgent":")" +
                       std::string(200, 'x') + n + "y\"}"),
              (Rules{2 * number, 2 * number + 1}));
  }
}

// A list that somebody has to fill, and what contradicts itself: no text of the field stands
// in any rule.
TEST(RuleIndex, TakesDemandsThatCanNeverBeMet) {
  Indexed index;
  for (int number = 0; number < 30; ++number) {
    index.add("ka.target.namespace = n" + std::to_string(number));
  }
  index.add("ka.user.name in ()");
  index.add("ka.user.uid = a and ka.user.uid = b");
  index.build();
  EXPECT_EQ(index.of(R"({"kind":"Event","auditID":"a","user":{"username":"u","uid":"a"},)"
                     R"("objectRef":{"namespace":"n7"}})"),
            Rules{7});
}

// One pod with very many containers of the same few images.
TEST(RuleIndex, TakesEachTextOfALongListOnce) {
  Indexed index;
  for (int number = 0; number < 100; ++number) {
    index.add("ka.req.pod.containers.image intersects (same, app" + std::to_string(number) + ")");
    index.add("ka.req.pod.containers.image intersects (app" + std::to_string(number) + ")");
  }
  index.build();
  std::string containers = R"({"image":"app7"})";
  for (int number = 0; number < 20'000; ++number) {
    containers += number % 2 == 0 ? R"(,{"image":"app7"})" : R"(,{"image":"app9"})";
  }
  const Rules found = index.of(
      R"({"kind":"Event","auditID":"a","objectRef":{"resource":"pods"},"requestObject":{"spec":{)"
      R"("containers":[)" +
      containers + "]}}}");
  EXPECT_EQ(found.size(), 102U);  // the hundred that share a text are tried always
  EXPECT_LT(index.scratch().texts.capacity(), 2'000U);
  EXPECT_LT(index.scratch().rules.capacity(), 2'000U);
}

// The lengths of prefixes that are looked up are bounded; the rest is tried always.
TEST(RuleIndex, FindsPrefixesOfAnyLength) {
  Indexed index;
  for (std::size_t length = 1; length <= 80; ++length) {
    index.add("ka.user.name startswith " + std::string(length, 'u'));
  }
  index.build();
  const auto count = [&](std::size_t length) {
    return index
        .of(R"({"kind":"Event","auditID":"a","user":{"username":")" + std::string(length, 'u') +
            "\"}}")
        .size();
  };
  EXPECT_GE(count(80), 80U);
  EXPECT_GE(count(10), 10U);
  EXPECT_LT(count(10), 80U);
}

}  // namespace
}  // namespace tiercel::engine
