// Rules files case by case (rules/*.yaml): structure, lists and macros, exceptions,
// overrides and selection, with the verdict, codes and alerts that Falco gives.
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "tiercel/config/load.h"

#include "harness.h"

namespace tiercel::tests {
namespace {

using nlohmann::ordered_json;

std::string folder() { return std::string(TIERCEL_SOURCE_DIR) + "/tests/conformance/"; }

struct Case {
  std::string file;
  std::size_t number = 0;
  std::string id;
};

// YAML nodes do not live as test parameters; a case is found again by its place.
std::vector<Case> all_cases() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder() + "rules")) {
    if (entry.path().extension() == ".yaml") {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<Case> cases;
  for (const auto& file : files) {
    const YAML::Node rows = YAML::LoadFile(file.string());
    for (std::size_t at = 0; at < rows.size(); ++at) {
      cases.push_back({file.stem().string(), at, rows[at]["id"].as<std::string>()});
    }
  }
  return cases;
}

// YAML as JSON: texts that look like numbers, booleans or null become those unless quoted.
ordered_json to_json(const YAML::Node& node) {
  if (node.IsMap()) {
    ordered_json map = ordered_json::object();
    for (const auto& entry : node) {
      map[entry.first.as<std::string>()] = to_json(entry.second);
    }
    return map;
  }
  if (node.IsSequence()) {
    ordered_json list = ordered_json::array();
    for (const auto& element : node) {
      list.push_back(to_json(element));
    }
    return list;
  }
  if (!node.IsScalar()) {
    return nullptr;
  }
  const std::string text = node.Scalar();
  const ordered_json plain = ordered_json::parse(text, nullptr, false);
  return node.Tag() == "!" || plain.is_discarded() || plain.is_string() ? ordered_json(text)
                                                                        : plain;
}

std::vector<std::string> texts(const YAML::Node& node) {
  return node ? node.as<std::vector<std::string>>() : std::vector<std::string>{};
}

class RulesCase : public ::testing::TestWithParam<Case> {};

// Alerts in order: rule, and where the case names them message, priority and tags.
void expect_alerts(const engine::RuleSet& rules, engine::Evaluator& evaluator,
                   std::span<const std::uint32_t> matches, const YAML::Node& want) {
  ASSERT_EQ(matches.size(), want.size());
  for (std::size_t at = 0; at < matches.size(); ++at) {
    const engine::CompiledRule& rule = rules.rules()[matches[at]];
    EXPECT_EQ(rule.meta.name, want[at]["rule"].as<std::string>());
    if (want[at]["message"]) {
      std::string message;
      rule.output->render_message(evaluator.map(), message);
      EXPECT_EQ(message, want[at]["message"].as<std::string>());
    }
    if (want[at]["priority"]) {
      EXPECT_EQ(base::to_text(rule.meta.priority), want[at]["priority"].as<std::string>());
    }
    if (want[at]["tags"]) {
      EXPECT_EQ(rule.meta.tags, texts(want[at]["tags"]));
    }
  }
}

TEST_P(RulesCase, AnswersAsFalco) {
  const YAML::Node row =
      YAML::LoadFile(folder() + "rules/" + GetParam().file + ".yaml")[GetParam().number];
  const std::string load = row["want"]["load"].as<std::string>();

  config::DocumentRequest request;
  request.path = "case";
  request.content = "rule_matching: all\n";
  request.overrides = texts(row["options"]);
  base::Diagnostics of_config;
  const config::Loaded settings =
      config::load_settings(request, config::Purpose::kOffline, of_config);
  if (load == "startup_error" && of_config.has_errors()) {
    return;
  }
  ASSERT_FALSE(of_config.has_errors()) << base::to_text(of_config);
  engine::CompileOptions options;
  options.matching = settings.settings.rules.matching == config::RulesSettings::Matching::kAll
                         ? engine::Matching::kAll
                         : engine::Matching::kFirst;
  options.selection.threshold = settings.settings.rules.priority;
  for (const auto& step : settings.settings.rules.selection) {
    options.selection.steps.push_back({step.enable, step.rule, step.tag});
  }

  const engine::LoadResult loaded = engine::load_rules(files_of(texts(row["files"])), options);
  const std::string report = base::to_text(loaded.diagnostics);
  ASSERT_EQ(loaded.rule_set != nullptr, load == "ok") << report;
  const auto errors = falco_codes(loaded.diagnostics, base::Severity::kError);
  for (const std::string& code : texts(row["want"]["codes"])) {
    EXPECT_NE(std::find(errors.begin(), errors.end(), code), errors.end()) << code << "\n"
                                                                           << report;
  }
  if (loaded.rule_set == nullptr) {
    return;
  }
  auto warnings = falco_codes(loaded.diagnostics, base::Severity::kWarning);
  for (const std::string& code : texts(row["want"]["warnings"])) {
    EXPECT_NE(std::find(warnings.begin(), warnings.end(), code), warnings.end()) << code << "\n"
                                                                                 << report;
  }
  if (texts(row["want"]["warnings"]).empty()) {
    EXPECT_TRUE(warnings.empty()) << report;
  }
  ordered_json event = ordered_json::parse(read_file(folder() + "e0.json"));
  if (row["event"]) {
    event.merge_patch(to_json(row["event"]));
  }
  engine::Evaluator evaluator;
  evaluator.use(loaded.rule_set);
  const audit::FieldContext context;
  NaiveEvaluator naive(context);
  for_each_event(event.dump(), [&](const audit::AuditEvent& one) {
    const auto matches = evaluator.evaluate(one, context);
    expect_alerts(*loaded.rule_set, evaluator, matches, row["want"]["alerts"]);
    EXPECT_EQ(std::vector<std::uint32_t>(matches.begin(), matches.end()),
              naive.evaluate(*loaded.rule_set, one));
  });
}

std::string test_name(const ::testing::TestParamInfo<Case>& one) {
  return one.param.file + "_" + one.param.id;
}

INSTANTIATE_TEST_SUITE_P(Cases, RulesCase, ::testing::ValuesIn(all_cases()), test_name);

}  // namespace
}  // namespace tiercel::tests
