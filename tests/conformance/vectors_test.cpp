// What Falco answered to single conditions on recorded events: engine with index,
// engine without, and the naive evaluator must all say the same.
#include <gtest/gtest.h>

#include "harness.h"

namespace tiercel::tests {
namespace {

using nlohmann::json;

struct Vectors {
  std::vector<std::string> events = data_lines("conformance/events.jsonl");
  AlertsByRule want;
  std::string rules;

  Vectors() {
    nlohmann::ordered_json file = nlohmann::ordered_json::array();
    for (const std::string& line : data_lines("conformance/conditions.jsonl")) {
      const json vector = json::parse(line);
      const std::string id = vector["id"];
      file.push_back(rule_of(id, vector["condition"]));
      const auto matches = vector["matches"].get<std::vector<std::uint64_t>>();
      if (!matches.empty()) {
        want[id] = matches;
      }
    }
    rules = file.dump();
  }
};

const Vectors& vectors() {
  static const Vectors instance;
  return instance;
}

void expect_answers(bool use_index, By by) {
  engine::CompileOptions options;
  options.matching = engine::Matching::kAll;
  options.use_index = use_index;
  const engine::LoadResult loaded = engine::load_rules(files_of({vectors().rules}), options);
  ASSERT_NE(loaded.rule_set, nullptr) << base::to_text(loaded.diagnostics).substr(0, 4000);
  const AlertsByRule got = alerts_of(loaded.rule_set, vectors().events, by);
  std::size_t wrong = 0;
  for (const engine::CompiledRule& rule : loaded.rule_set->rules()) {
    const auto find = [&rule](const AlertsByRule& alerts) {
      const auto at = alerts.find(rule.meta.name);
      return at == alerts.end() ? std::vector<std::uint64_t>{} : at->second;
    };
    if (find(got) != find(vectors().want) && ++wrong <= 20) {
      ADD_FAILURE() << rule.meta.name << ": " << condition::to_text(*rule.condition) << "\n  want "
                    << json(find(vectors().want)).dump() << "\n  got  " << json(find(got)).dump();
    }
  }
  EXPECT_EQ(wrong, 0U) << "of " << loaded.rule_set->rules().size() << " conditions";
  EXPECT_EQ(loaded.rule_set->rules().size(), 1331U);
}

TEST(Vectors, ConditionsMatchAsRecorded) { expect_answers(true, By::kEngine); }
TEST(Vectors, ConditionsMatchWithoutIndex) { expect_answers(false, By::kEngine); }
TEST(Vectors, ConditionsMatchWhileMeasured) { expect_answers(true, By::kMeasured); }
TEST(Vectors, ConditionsMatchInTheNaiveEvaluator) { expect_answers(true, By::kNaive); }

TEST(Vectors, RefusedConditionsAreRefused) {
  std::size_t count = 0;
  for (const std::string& line : data_lines("conformance/rejected.jsonl")) {
    const json vector = json::parse(line);
    nlohmann::ordered_json file = nlohmann::ordered_json::array();
    file.push_back(rule_of("R", vector["condition"]));
    const engine::LoadResult loaded = engine::load_rules(files_of({file.dump()}), {});
    const auto codes = falco_codes(loaded.diagnostics, base::Severity::kError);
    EXPECT_EQ(loaded.rule_set, nullptr) << vector["id"] << ": " << vector["condition"];
    EXPECT_TRUE(!codes.empty() && codes.front() == vector["code"].get<std::string>())
        << vector["id"] << ": " << vector["condition"] << "\n"
        << base::to_text(loaded.diagnostics);
    ++count;
  }
  EXPECT_EQ(count, 169U);
}

}  // namespace
}  // namespace tiercel::tests
