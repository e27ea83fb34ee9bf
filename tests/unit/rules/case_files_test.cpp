// The cases of tests/conformance/rules as far as loading goes; alerts and what only
// the engine can refuse are checked by the conformance tests.
#include <array>
#include <set>

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "rules_support.h"

namespace tiercel::rules::tests {
namespace {

// Refused because of a field, a type or an argument.
const std::set<std::string>& left_to_the_engine() {
  static const std::set<std::string> ids{"L038", "M045", "M050", "E025"};
  return ids;
}
// Refused because of the configuration beside the rules.
const std::set<std::string>& left_to_configuration() {
  static const std::set<std::string> ids{"V033", "V036", "V037"};
  return ids;
}

std::vector<std::string> sorted(std::vector<std::string> texts) {
  std::sort(texts.begin(), texts.end());
  return texts;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) {
    out += text + " ";
  }
  return out;
}

void check(const YAML::Node& row) {
  const auto id = row["id"].as<std::string>();
  SCOPED_TRACE(id);
  const Loaded loaded(row["files"].as<std::vector<std::string>>());
  const std::string report = base::to_text(loaded.diagnostics);
  const YAML::Node want = row["want"];
  const bool engine = left_to_the_engine().contains(id);
  const bool refused =
      want["load"].as<std::string>() != "ok" && !left_to_configuration().contains(id) && !engine;
  EXPECT_EQ(loaded.diagnostics.has_errors(), refused) << report;
  const auto errors = falco_codes(loaded.diagnostics, base::Severity::kError);
  if (want["codes"] && !engine) {
    for (const auto& code : want["codes"].as<std::vector<std::string>>()) {
      EXPECT_GE(std::count(errors.begin(), errors.end(), code), 1) << code << '\n' << report;
    }
  }
  if (want["warnings"]) {
    auto codes = sorted(want["warnings"].as<std::vector<std::string>>());
    std::erase(codes, "LOAD_UNKNOWN_FILTER");  // the engine's
    EXPECT_EQ(joined(falco_codes(loaded.diagnostics, base::Severity::kWarning)), joined(codes))
        << report;
  }
}

class CaseFile : public ::testing::TestWithParam<const char*> {};

TEST_P(CaseFile, LoadsAsFalcoDoes) {
  const YAML::Node rows = YAML::LoadFile(
      std::string(TIERCEL_SOURCE_DIR "/tests/conformance/rules/") + GetParam() + ".yaml");
  ASSERT_GT(rows.size(), 30U);
  for (const YAML::Node& row : rows) {
    check(row);
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, CaseFile,
                         ::testing::Values("structure", "lists_macros", "exceptions", "override"));

}  // namespace
}  // namespace tiercel::rules::tests
