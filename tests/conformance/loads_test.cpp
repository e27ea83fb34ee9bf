// Whole rules files: whether Falco loads them, the codes it gives, and the events
// each rule alerts on under both values of rule_matching.
#include <algorithm>

#include <gtest/gtest.h>

#include "harness.h"

namespace tiercel::tests {
namespace {

using nlohmann::json;

const std::vector<std::string>& events() {
  static const std::vector<std::string> instance = data_lines("conformance/events.jsonl");
  return instance;
}

class RecordedLoad : public ::testing::TestWithParam<std::string> {};

void expect_alerts(const json& row, engine::Matching matching, const char* name) {
  engine::CompileOptions options;
  options.matching = matching;
  const engine::LoadResult loaded =
      engine::load_rules(files_of(row["files"].get<std::vector<std::string>>()), options);
  ASSERT_NE(loaded.rule_set, nullptr) << base::to_text(loaded.diagnostics);
  auto want = row["alerts"][name].get<AlertsByRule>();
  if (const auto excuses = excused(); excuses.contains(row["id"].get<std::string>())) {
    // Falco's rule can never match; ours must, on the events of the plain comparison.
    const std::string rule = excuses[row["id"].get<std::string>()]["rule"];
    const auto got = alerts_of(loaded.rule_set, events(), By::kEngine);
    EXPECT_FALSE(got.contains(rule) && got.at(rule).empty());
    EXPECT_TRUE(got.contains(rule));
    want = got;
  }
  EXPECT_EQ(json(alerts_of(loaded.rule_set, events(), By::kEngine)).dump(), json(want).dump())
      << "rule_matching: " << name;
  EXPECT_EQ(json(alerts_of(loaded.rule_set, events(), By::kNaive)).dump(), json(want).dump())
      << "naive evaluator, rule_matching: " << name;
}

TEST_P(RecordedLoad, AnswersAsFalco) {
  const json row = json::parse(GetParam());
  const engine::LoadResult loaded =
      engine::load_rules(files_of(row["files"].get<std::vector<std::string>>()), {});
  const std::string report = base::to_text(loaded.diagnostics);
  const bool accepted = row["accepted"];
  ASSERT_EQ(loaded.rule_set != nullptr, accepted) << report << "\nFalco said " << row["messages"];
  const auto errors = falco_codes(loaded.diagnostics, base::Severity::kError);
  for (const std::string code : row["errors"]) {
    EXPECT_NE(std::find(errors.begin(), errors.end(), code), errors.end())
        << code << " is missing:\n"
        << report << "\nFalco said " << row["messages"];
  }
  const auto warnings = falco_codes(loaded.diagnostics, base::Severity::kWarning);
  for (const std::string code : row["warnings"]) {
    EXPECT_NE(std::find(warnings.begin(), warnings.end(), code), warnings.end())
        << code << " is missing:\n"
        << report << "\nFalco said " << row["messages"];
  }
  if (accepted) {
    EXPECT_EQ(json(warnings).size(), row["warnings"].size()) << report;
    expect_alerts(row, engine::Matching::kFirst, "first");
    expect_alerts(row, engine::Matching::kAll, "all");
  }
}

TEST(Excused, EveryOneIsExplained) {
  const std::string readme =
      read_file(std::string(TIERCEL_SOURCE_DIR) + "/tests/conformance/README.md");
  const auto excuses = excused();
  for (const auto& [id, answer] : excuses.items()) {
    EXPECT_NE(readme.find("| " + id + " |"), std::string::npos) << id;
  }
}

std::string test_name(const ::testing::TestParamInfo<std::string>& one) {
  std::string name = json::parse(one.param)["id"];
  for (char& c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    c = letter ? c : '_';
  }
  return std::to_string(one.index) + "_" + name;
}

INSTANTIATE_TEST_SUITE_P(Cases, RecordedLoad,
                         ::testing::ValuesIn(data_lines("conformance/loads.jsonl")), test_name);

}  // namespace
}  // namespace tiercel::tests
