// The observed cases on single conditions (conditions/*.json): a base event changed
// member by member, and whether the condition holds or is refused.
#include <filesystem>

#include <gtest/gtest.h>

#include "harness.h"

namespace tiercel::tests {
namespace {

using nlohmann::ordered_json;

std::string folder() { return std::string(TIERCEL_SOURCE_DIR) + "/tests/conformance/"; }

struct Case {
  std::string file;
  ordered_json row;
};

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder() + "conditions")) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    for (const ordered_json& row : ordered_json::parse(read_file(file))) {
      cases.push_back({file.stem(), row});
    }
  }
  return cases;
}

std::string changed_event(const ordered_json& row) {
  ordered_json event = ordered_json::parse(read_file(folder() + "e0.json"));
  if (row.contains("change")) {
    for (const ordered_json& change : row["change"]) {
      event = change.contains("remove") ? without_member(event, change["remove"])
                                        : with_member(event, change["set"], change["to"]);
    }
  }
  return event.dump();
}

class ObservedCondition : public ::testing::TestWithParam<Case> {};

TEST_P(ObservedCondition, AnswersAsFalco) {
  const ordered_json& row = GetParam().row;
  ordered_json file = ordered_json::array();
  file.push_back(rule_of("R", row["condition"]));
  const engine::LoadResult loaded = engine::load_rules(files_of({file.dump()}), {});
  const ordered_json excuses = excused();
  const std::string id = row["id"];
  const std::string want = excuses.contains(id) ? excuses.at(id)["want"] : row["want"];
  if (want == "refused") {
    const auto codes = falco_codes(loaded.diagnostics, base::Severity::kError);
    ASSERT_EQ(loaded.rule_set, nullptr) << row["condition"];
    ASSERT_FALSE(codes.empty());
    EXPECT_EQ(codes.front(), row["code"].get<std::string>()) << base::to_text(loaded.diagnostics);
    return;
  }
  ASSERT_NE(loaded.rule_set, nullptr) << base::to_text(loaded.diagnostics);
  for (const By by : {By::kEngine, By::kNaive}) {
    const AlertsByRule alerts = alerts_of(loaded.rule_set, {changed_event(row)}, by);
    EXPECT_EQ(alerts.empty() ? "no match" : "match", want) << row["condition"];
  }
}

std::string test_name(const ::testing::TestParamInfo<Case>& one) {
  return one.param.file + "_" + one.param.row["id"].get<std::string>();
}

INSTANTIATE_TEST_SUITE_P(Cases, ObservedCondition, ::testing::ValuesIn(all_cases()), test_name);

}  // namespace
}  // namespace tiercel::tests
