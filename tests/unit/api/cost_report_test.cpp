#include "tiercel/api/cost_report.h"

#include <gtest/gtest.h>

#include "cost_support.h"

namespace tiercel::api {
namespace {

using tests::cost_rule;

// A report over all that was measured, with matches of a time that is said.
CostReport report_of(const engine::RuleSet& rules, std::vector<std::uint64_t> matches = {},
                     double seconds = 0, std::size_t top = 0) {
  CostFigures figures;
  figures.all = CostCounts::of(rules);
  figures.lately = figures.all;
  figures.matches = std::move(matches);
  figures.matches.resize(rules.rules().size());
  figures.matches_seconds = seconds;
  return cost_report(rules, figures, top);
}

const CostReport::Rule* find_rule(const CostReport& report, const std::string& name) {
  for (const CostReport::Rule& rule : report.rules) {
    if (rule.name == name) {
      return &rule;
    }
  }
  return nullptr;
}

TEST(CostReport, NamesASlowCheckAtTheRuleThatPaysForIt) {
  const auto rules = tests::load_cost_rules(
      cost_rule("Fast", "ka.verb = get") +
      cost_rule("Slow", std::string("ka.verb = get and ") + tests::kSlowCheck) +
      cost_rule("Slow too", std::string(tests::kSlowCheck) + " and ka.verb = get"));
  ASSERT_NE(rules, nullptr);
  tests::MeasuredEvents events(rules);
  events.put(100, "get", tests::slow_uri());
  const CostReport report = report_of(*rules);
  ASSERT_EQ(report.rules.size(), 3U);
  EXPECT_EQ(report.rules.front().name, "Slow") << "the most expensive is the first";
  const std::string& finding = report.rules.front().finding;
  EXPECT_TRUE(finding.starts_with("slow: ka.uri regex ")) << finding;
  EXPECT_NE(finding.find("us a check, "), std::string::npos) << finding;
  EXPECT_TRUE(finding.ends_with(" % of all checking, asked by 2 rules")) << finding;
  EXPECT_EQ(find_rule(report, "Fast")->finding, "");
  EXPECT_EQ(find_rule(report, "Slow too")->finding, "") << "the first that asks pays";
  EXPECT_GT(report.rules.front().share, 0.5);
  ASSERT_FALSE(report.checks.empty());
  EXPECT_TRUE(report.checks.front().text.starts_with("ka.uri regex "));
  EXPECT_EQ(report.checks.front().rules, (std::vector<std::string>{"Slow", "Slow too"}));
  EXPECT_EQ(report.checks.front().rule_count, 2U);
}

TEST(CostReport, NamesARuleOfManyChecksNoneOfWhichIsSlow) {
  std::string checks = "ka.verb = get";
  for (int at = 0; at < 40; ++at) {
    checks += " and not ka.uri regex \".*zz" + std::to_string(at) + ".*\"";
  }
  const auto rules =
      tests::load_cost_rules(cost_rule("Many", checks) + cost_rule("Other", "ka.verb = get"));
  ASSERT_NE(rules, nullptr);
  tests::MeasuredEvents events(rules);
  events.put(100, "get", tests::slow_uri());
  const CostReport report = report_of(*rules);
  EXPECT_EQ(report.rules.front().name, "Many");
  const std::string& finding = report.rules.front().finding;
  EXPECT_TRUE(finding.starts_with("costly: its checks take ")) << finding;
  EXPECT_EQ(report.rules.back().finding, "");
}

TEST(CostReport, NamesANoisyRule) {
  const auto rules = tests::load_cost_rules(cost_rule("Noisy", "ka.verb = get") +
                                            cost_rule("Rare", "ka.verb = list"));
  tests::MeasuredEvents events(rules);
  events.put(920, "get");
  events.put(80, "list");
  const auto finding = [&](std::vector<std::uint64_t> matches, double seconds) {
    const CostReport report = report_of(*rules, std::move(matches), seconds);
    EXPECT_EQ(find_rule(report, "Noisy")->matches, 920U);
    EXPECT_EQ(find_rule(report, "Rare")->matches, 80U);
    return find_rule(report, "Noisy")->finding + "|" + find_rule(report, "Rare")->finding;
  };
  EXPECT_EQ(finding({920, 80}, 60), "noisy: 92 % of all alerts, 920 a minute|");
  EXPECT_EQ(finding({920, 80}, 1), "noisy: 92 % of all alerts, 920 a minute|")
      << "a short burst is no higher rate";
  EXPECT_EQ(finding({920, 80}, 3'600), "|") << "15 a minute";
  EXPECT_EQ(finding({90, 10}, 60), "noisy: 90 % of all alerts, 90 a minute|");
  EXPECT_EQ(finding({90, 700}, 60), "|noisy: 89 % of all alerts, 700 a minute");
  EXPECT_EQ(finding({6'000, 70'000}, 60),
            "noisy: 7.9 % of all alerts, 6,000 a minute|noisy: 92 % of all alerts, 70,000 a minute")
      << "a flood is one beside a larger one";
  EXPECT_EQ(finding({0, 0}, 60), "|");
  EXPECT_EQ(finding({}, 0), "|");
}

TEST(CostReport, ShowsWhatIsWrongBehindTheFirstRows) {
  std::string text;
  for (int at = 0; at < 9; ++at) {
    text += cost_rule("R" + std::to_string(at),
                      "ka.user.name = u" + std::to_string(at) + " and ka.verb in (list, watch)");
  }
  const auto rules = tests::load_cost_rules(text + cost_rule("Cheap", "ka.verb = get"));
  tests::MeasuredEvents events(rules);
  events.put(300, "list");
  std::vector<std::uint64_t> matches(10);
  matches[9] = 1'000;
  const CostReport report = report_of(*rules, matches, 60, 2);
  ASSERT_EQ(report.rules.size(), 3U);
  EXPECT_EQ(report.rules.back().name, "Cheap");
  EXPECT_EQ(report.rules.back().finding, "noisy: 100 % of all alerts, 1,000 a minute");
  EXPECT_EQ(report.checks.size(), 2U);
  EXPECT_EQ(report.rule_count, 10U);
  EXPECT_EQ(report_of(*rules, matches, 60).rules.size(), 10U);
}

TEST(CostReport, IsReadBackFromItsJson) {
  const auto rules = tests::load_cost_rules(cost_rule("\"A \\\"b\\\" \\e[31mü\"", "ka.verb = get"));
  ASSERT_NE(rules, nullptr);
  tests::MeasuredEvents events(rules);
  events.put(200, "get");
  CostReport report = report_of(*rules, {200}, 60);
  report.seconds = 61.5;
  report.memory = 12'345;
  const auto read = read_cost_json(cost_json(report));
  ASSERT_TRUE(read);
  EXPECT_EQ(cost_json(*read), cost_json(report));
  EXPECT_EQ(read->rules.front().name, "A \"b\" \x1B[31mü");
  EXPECT_EQ(read->memory, 12'345U);
  report.memory.reset();
  EXPECT_EQ(read_cost_json(cost_json(report))->memory, std::nullopt);
}

TEST(CostReport, ReadsNothingOutOfWhatIsNone) {
  for (const char* text : {"", "{", "[]", "1", R"({"status": "ok"})"}) {
    EXPECT_EQ(read_cost_json(text), std::nullopt) << text;
  }
  // Members of wrong types are as absent.
  const auto report = read_cost_json(
      R"({"hash": 1, "seconds": "x", "rules": [1, {"name": 2, "matches": []}], "checks": {}})");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->rules.size(), 1U);
  EXPECT_EQ(report->rules.front().name, "");
}

CostReport sample() {
  CostReport report;
  report.hash = "00ff";
  report.seconds = 7'500;
  report.sample_every = 1'018;
  report.events = 1'000;
  report.nanoseconds = 1'850;
  report.index_share = 0.123;
  report.rule_count = 2;
  report.memory = 30'800;
  report.rules.push_back({"Evil \x1B]0;x\x07 name\n", 4'100, 92.4, 980, 41'000, 0.63,
                          "noisy: 92 % of all alerts", false, true});
  report.rules.push_back({"Never tried", 0, 0, 0, 0, 0, "", false, false});
  report.checks.push_back({"ka.uri regex \"" + std::string(200, 'x') + "\"",
                           980,
                           98,
                           40'000,
                           0.6,
                           5,
                           {"Evil \x1B name", "B", "C", "D"}});
  return report;
}

TEST(CostText, IsTwoTables) {
  EXPECT_EQ(cost_text(sample()),
            "2 rules in force, rule set 00ff, for 2.1 h\n"
            "1,000 events measured: 1.9 us an event to evaluate, 12 % of it to find the rules to "
            "try\n"
            "the rules hold 30.8 KB of memory, 15.4 KB each\n"
            "\n"
            "  share  each try  tried on     matches  a minute  rule\n"
            "   63 %     41 us      98 %       4,100        92  Evil  ]0;x  name   noisy: 92 % of "
            "all alerts\n"
            "      -         -         -           0         0  Never tried\n"
            "\n"
            "  share     each     asked      true  check\n"
            "   60 %    40 us      98 %      10 %  ka.uri regex \"" +
                std::string(79, 'x') + "...  (Evil   name, B, C, and 2 more rules)\n");
}

TEST(CostText, SaysThatNothingWasMeasured) {
  CostReport report = sample();
  report.events = 0;
  report.memory.reset();
  report.checks.clear();
  const std::string text = cost_text(report);
  EXPECT_NE(text.find("no event was measured yet: about one in 1,018 is"), std::string::npos)
      << text;
  EXPECT_NE(text.find("memory they hold is not known"), std::string::npos) << text;
  EXPECT_EQ(text.find("  check\n"), std::string::npos) << text;
}

TEST(CostText, SaysThatThereIsMore) {
  CostReport report = sample();
  report.rule_count = 1'002;
  EXPECT_NE(cost_text(report).find("and 1,000 more rules: see --top\n"), std::string::npos);
}

TEST(CostCounts, AreDifferencesThatNeverFallBelowNone) {
  const auto rules = tests::load_cost_rules(cost_rule("A", "ka.verb = get"));
  tests::MeasuredEvents events(rules);
  events.put(10, "get");
  const CostCounts before = CostCounts::of(*rules);
  events.put(5, "get");
  const CostCounts after = CostCounts::of(*rules);
  EXPECT_EQ(after.since(before).matches, std::vector<std::uint64_t>{5});
  EXPECT_EQ(after.since(before).events.times, 5U);
  EXPECT_EQ(after.since(before).checks.at(0).held, 5U);
  EXPECT_EQ(after.since(CostCounts::none(*rules)).rules.at(0).times, 15U);
  CostCounts larger = after;
  larger.events.nanoseconds += 7;
  EXPECT_EQ(after.since(larger).events.nanoseconds, 0U);
}

TEST(CostText, WritesNumbersAsPeopleReadThem) {
  EXPECT_EQ(duration_text(0), "0 ns");
  EXPECT_EQ(duration_text(999), "999 ns");
  EXPECT_EQ(duration_text(999.9), "1.0 us");
  EXPECT_EQ(duration_text(4'100), "4.1 us");
  EXPECT_EQ(duration_text(9'940), "9.9 us");
  EXPECT_EQ(duration_text(9'960), "10 us");
  EXPECT_EQ(duration_text(999'900), "1.0 ms");
  EXPECT_EQ(duration_text(90e9), "1.5 min");
  EXPECT_EQ(duration_text(3 * 86'400e9), "3.0 d");
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(4'100), "4,100");
  EXPECT_EQ(count_text(1'234'567), "1,234,567");
  EXPECT_EQ(percent_text(0.042), "4.2 %");
  EXPECT_EQ(percent_text(0.63), "63 %");
  EXPECT_EQ(percent_text(1), "100 %");
}

}  // namespace
}  // namespace tiercel::api
