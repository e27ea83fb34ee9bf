#include "tiercel/engine/rule_costs.h"

#include <thread>

#include <gtest/gtest.h>

#include "tiercel/engine/rule_set.h"

#include "events.h"

namespace tiercel::engine {
namespace {

std::string rule(const std::string& name, const std::string& condition) {
  return "- rule: " + name + "\n  condition: " + condition +
         "\n  desc: d\n  output: o\n  priority: INFO\n  source: k8s_audit\n";
}

std::shared_ptr<const RuleSet> load(const std::string& text, Matching matching = Matching::kAll) {
  CompileOptions options;
  options.matching = matching;
  const LoadResult result = load_rules({{"rules.yaml", text}}, options);
  EXPECT_NE(result.rule_set, nullptr) << base::to_text(result.diagnostics);
  return result.rule_set;
}

std::string event_list(const std::string& verb, std::size_t count, const std::string& uri = "/x") {
  std::string text = R"({"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[)";
  for (std::size_t at = 0; at < count; ++at) {
    text +=
        (at == 0 ? "" : ",") +
        std::string(
            R"({"kind":"Event","auditID":"a","level":"Metadata","stage":"ResponseComplete","verb":")") +
        verb + R"(","requestURI":")" + uri + R"(","user":{"username":"u"}})";
  }
  return text + "]}";
}

std::uint64_t evaluate(Evaluator& evaluator, const std::string& body) {
  std::uint64_t matches = 0;
  const audit::DecodeCounts counts = tests::for_each_event(
      body,
      [&](const audit::AuditEvent& event) { matches += evaluator.evaluate(event, {}).size(); });
  EXPECT_EQ(counts.bad_items, 0U);
  return matches;
}

TEST(RuleCosts, CountEveryMatchMeasuredOrNot) {
  const auto rules = load(rule("Gets", "ka.verb = get") + rule("Any", "ka.user.name = u"));
  for (const std::uint32_t every : {0U, 1U, 7U}) {
    Evaluator evaluator;
    evaluator.use(rules);
    evaluator.measure_every(every);
    EXPECT_EQ(evaluate(evaluator, event_list("get", 100)), 200U);
    EXPECT_EQ(evaluate(evaluator, event_list("list", 50)), 50U);
  }
  EXPECT_EQ(rules->costs().matches(0), 300U);
  EXPECT_EQ(rules->costs().matches(1), 450U);
}

TEST(RuleCosts, OfEveryEventAddUp) {
  const auto rules = load(rule("A", "ka.verb = get and ka.user.name = u") +
                          rule("B", "ka.verb = get and ka.user.name = nobody"));
  Evaluator evaluator;
  evaluator.use(rules);
  evaluator.measure_every(1);
  (void)evaluate(evaluator, event_list("get", 1000));
  (void)evaluate(evaluator, event_list("list", 500));
  const RuleCosts& costs = rules->costs();
  const std::uint64_t measured = costs.of_events().times;
  EXPECT_EQ(measured, 1500U);
  EXPECT_EQ(costs.of_index().times, measured);
  // Both rules are candidates of the same events, and the shared check is asked once.
  const std::uint64_t tried = costs.of_rule(0).times;
  EXPECT_EQ(tried, 1000U);
  EXPECT_EQ(costs.of_rule(1).times, tried);
  ASSERT_EQ(rules->predicate_count(), 3U);
  for (const std::size_t predicate : {0U, 1U, 2U}) {
    EXPECT_EQ(costs.of_predicate(predicate).times, tried);
  }
  EXPECT_EQ(costs.held(0), tried) << "ka.verb = get";
  EXPECT_EQ(costs.held(1), tried) << "ka.user.name = u";
  EXPECT_EQ(costs.held(2), 0U) << "ka.user.name = nobody";
  // The parts are the whole, but for what the clock's rounding takes off each event.
  const auto of = [](RuleCosts::Cost cost) { return static_cast<double>(cost.nanoseconds); };
  const double parts = of(costs.of_index()) + of(costs.of_rule(0)) + of(costs.of_rule(1));
  EXPECT_NEAR(parts, of(costs.of_events()), of(costs.of_events()) / 10);
  EXPECT_GT(costs.of_events().mean(), 0);
}

TEST(RuleCosts, TakeTheClocksRoundingBothWays) {
  RuleCosts costs(1, 2);
  costs.add({{{0, 20, true}}, {{0, -5, true}, {1, kSlowNanoseconds, false}}, -3, 17});
  costs.add({{{0, -4, true}}, {{0, 25, true}, {1, kSlowNanoseconds - 1, true}}, 1, 20});
  EXPECT_EQ(costs.of_rule(0).nanoseconds, 16U);
  EXPECT_EQ(costs.of_rule(0).times, 2U);
  EXPECT_EQ(costs.of_rule(0).mean(), 8);
  EXPECT_EQ(costs.of_predicate(0).nanoseconds, 20U);
  EXPECT_EQ(costs.of_index().nanoseconds, 0U) << "a sum below zero is none";
  EXPECT_EQ(costs.of_events().nanoseconds, 37U);
  EXPECT_EQ(costs.held(0), 2U);
  EXPECT_EQ(costs.held(1), 1U);
  EXPECT_EQ(costs.slow(0), 0U);
  EXPECT_EQ(costs.slow(1), 1U);
  EXPECT_EQ(RuleCosts(1, 0).of_rule(0).mean(), 0);
}

TEST(RuleCosts, OfAnEventThatLostItsCoreCountForLess) {
  CostSample sample;
  sample.rules = {{0, 8'000, true}};
  sample.predicates = {{0, 6'000, true}, {1, -4, false}};
  sample.index = 100;
  sample.total = 8'100;
  sample.scale(0.25);
  EXPECT_EQ(sample.rules[0].nanoseconds, 2'000);
  EXPECT_EQ(sample.predicates[0].nanoseconds, 1'500);
  EXPECT_EQ(sample.predicates[1].nanoseconds, -1);
  EXPECT_EQ(sample.index, 25);
  EXPECT_EQ(sample.total, 2'025);
}

TEST(RuleCosts, AreOfRulesThatWereTried) {
  const auto rules = load(rule("First", "ka.verb = get") + rule("Second", "ka.verb in (get, list)"),
                          Matching::kFirst);
  Evaluator evaluator;
  evaluator.use(rules);
  evaluator.measure_every(1);
  (void)evaluate(evaluator, event_list("get", 500));
  EXPECT_GT(rules->costs().of_rule(0).times, 0U);
  EXPECT_EQ(rules->costs().of_rule(1).times, 0U) << "the first matches and ends the event";
  (void)evaluate(evaluator, event_list("list", 500));
  EXPECT_GT(rules->costs().of_rule(1).times, 0U);
  EXPECT_EQ(rules->costs().matches(1), 500U);
}

TEST(RuleCosts, AreThoseOfASampleByChance) {
  const auto rules = load(rule("A", "ka.verb = get"));
  Evaluator evaluator;
  evaluator.use(rules);
  // Whole batches: none of their events is measured for its place in one.
  std::uint64_t events = 0;
  for (int batch = 0; batch < 200; ++batch) {
    (void)evaluate(evaluator, event_list("get", 400));
    events += 400;
  }
  const double measured = static_cast<double>(rules->costs().of_events().times);
  const double expected = static_cast<double>(events) / kSampleEvery;  // 157
  // Fewer where the clock is slow.
  EXPECT_LT(measured, expected * 1.4);
  EXPECT_GT(measured, 0);
}

TEST(RuleCosts, NameAPlantedSlowCheck) {
  // Counted repetitions make an automaton of many states, and the long text walks all of it.
  const auto rules = load(rule("Fast", "ka.verb = get") +
                          rule("Slow", "ka.verb = get and ka.uri regex \".*(a.{40,60}b){3}c$\""));
  Evaluator evaluator;
  evaluator.use(rules);
  evaluator.measure_every(1);
  std::string uri = "/";
  for (int at = 0; at < 400; ++at) {
    uri += "axyz" + std::to_string(at) + "b";
  }
  for (int batch = 0; batch < 10; ++batch) {
    (void)evaluate(evaluator, event_list("get", 10, uri));
  }
  const RuleCosts& costs = rules->costs();
  const std::vector<std::uint32_t> all{0, 1};
  const auto uses = rules->uses_of(all);
  ASSERT_EQ(uses.size(), 2U);
  EXPECT_EQ(uses[0].text, "ka.verb = get");
  EXPECT_EQ(uses[0].rules, (std::vector<std::uint32_t>{0, 1}));
  EXPECT_TRUE(uses[1].text.starts_with("ka.uri regex ")) << uses[1].text;
  EXPECT_EQ(uses[1].rules, std::vector<std::uint32_t>{1});
  EXPECT_GT(costs.of_predicate(1).mean(), 10 * costs.of_predicate(0).mean());
  EXPECT_GT(costs.of_predicate(1).mean(), kSlowNanoseconds);
  EXPECT_GT(costs.slow(1), 50U);
  EXPECT_EQ(costs.matches(1), 0U);
  // The rule's time is its checks' time.
  EXPECT_GE(costs.of_rule(1).nanoseconds * 11 / 10, costs.of_predicate(1).nanoseconds);
}

// What is said of each predicate is what its number evaluates, however a condition is built.
TEST(RuleCosts, TextsAndUsesFollowTheProgram) {
  const std::string macro = "- macro: m\n  condition: (ka.verb = a or not ka.verb = b)\n";
  const auto rules =
      load(macro + rule("A", "m and not (ka.user.name = c and m) or ka.user.name = d") +
           rule("B", "ka.user.name = d and not ka.verb = b"));
  ASSERT_EQ(rules->predicate_count(), 4U);
  const std::vector<std::uint32_t> all{3, 0, 2, 1};
  std::string text;
  for (const RuleSet::PredicateUse& use : rules->uses_of(all)) {
    text += use.text + ":";
    for (const std::uint32_t rule : use.rules) {
      text += " " + std::to_string(rule);
    }
    text += "; ";
  }
  EXPECT_EQ(text, "ka.user.name = d: 0 1; ka.verb = a: 0; ka.user.name = c: 0; ka.verb = b: 0 1; ");
}

TEST(RuleCosts, OfManyThreadsAreOne) {
  const auto rules = load(rule("A", "ka.verb = get"));
  const std::string body = event_list("get", 200);
  std::vector<std::thread> threads;
  for (int at = 0; at < 4; ++at) {
    threads.emplace_back([&] {
      Evaluator evaluator;
      evaluator.use(rules);
      evaluator.measure_every(3);
      for (int batch = 0; batch < 20; ++batch) {
        (void)evaluate(evaluator, body);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(rules->costs().matches(0), 4U * 20U * 200U);
  EXPECT_EQ(rules->costs().of_rule(0).times, rules->costs().of_events().times);
}

}  // namespace
}  // namespace tiercel::engine
