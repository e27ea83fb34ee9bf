// What Falco answered to whole rules files, as far as it depends on this room: fields,
// types, regular expressions and output templates are checked by the engine.
#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "rules_support.h"

namespace tiercel::rules::tests {
namespace {

using nlohmann::json;

// Refused by Falco for what only the engine can see.
const std::set<std::string>& left_to_the_engine() {
  static const std::set<std::string> ids{"skip-unknown-false",
                                         "unknown-field-output",
                                         "field-without-required-arg",
                                         "field-with-bad-arg",
                                         "index-not-number",
                                         "cond-026",
                                         "cond-043",
                                         "cond-062",
                                         "cond-067",
                                         "cond-073",
                                         "cond-096",
                                         "cond-097",
                                         "cond-098",
                                         "cond-117",
                                         "cond-118",
                                         "output-04",
                                         "output-06",
                                         "output-16",
                                         "output-17"};
  return ids;
}

class RecordedLoad : public ::testing::TestWithParam<std::string> {};

TEST_P(RecordedLoad, HasFalcosVerdictAndCodes) {
  const json row = json::parse(GetParam());
  const std::string id = row["id"];
  const Loaded loaded(row["files"].get<std::vector<std::string>>());
  const std::string report = base::to_text(loaded.diagnostics);
  const bool accepted = row["accepted"];
  const bool engine = left_to_the_engine().contains(id);
  EXPECT_EQ(loaded.diagnostics.has_errors(), !accepted && !engine) << report << row["messages"];
  const auto errors = falco_codes(loaded.diagnostics, base::Severity::kError);
  const auto warnings = falco_codes(loaded.diagnostics, base::Severity::kWarning);
  for (const std::string code : row["errors"]) {
    EXPECT_TRUE(engine || std::count(errors.begin(), errors.end(), code) > 0) << code << '\n'
                                                                              << report;
  }
  std::vector<std::string> want = row["warnings"];
  std::erase(want, "LOAD_UNKNOWN_FILTER");  // the engine's
  EXPECT_EQ(json(warnings), json(want)) << report;
}

std::vector<std::string> rows() {
  std::ifstream in(TIERCEL_TEST_DATA "/conformance/loads.jsonl");
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line);
  }
  return lines;
}

std::string test_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = json::parse(info.param)["id"];
  for (char& c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    c = letter ? c : '_';
  }
  return std::to_string(info.index) + "_" + name;
}

INSTANTIATE_TEST_SUITE_P(Cases, RecordedLoad, ::testing::ValuesIn(rows()), test_name);

}  // namespace
}  // namespace tiercel::rules::tests
