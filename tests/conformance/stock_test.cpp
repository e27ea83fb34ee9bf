// Falco's own rules file, as users have it: it must load, and give the alerts that
// Falco gives. The file is no part of this project: TIERCEL_EXTERNAL_FIXTURES names
// the folder that holds it, and without it these tests are skipped and say so.
#include <cstdlib>

#include <gtest/gtest.h>

#include "harness.h"

namespace tiercel::tests {
namespace {

using json = nlohmann::ordered_json;

std::string stock_rules() {
  const char* const folder = std::getenv("TIERCEL_EXTERNAL_FIXTURES");
  if (folder == nullptr || *folder == '\0') {
    return "";
  }
  return read_file(std::string(folder) + "/k8s_audit_rules.yaml");
}

engine::LoadResult load(const std::vector<std::string>& texts, engine::Matching matching) {
  engine::CompileOptions options;
  options.matching = matching;
  options.alerts.json_output = true;
  return engine::load_rules(files_of(texts), options);
}

TEST(StockRules, GiveTheGoldenAlerts) {
  const std::string rules = stock_rules();
  if (rules.empty()) {
    GTEST_SKIP() << "TIERCEL_EXTERNAL_FIXTURES is not set";
  }
  const auto first = load({rules}, engine::Matching::kFirst);
  const auto all = load({rules}, engine::Matching::kAll);
  ASSERT_NE(first.rule_set, nullptr) << base::to_text(first.diagnostics);
  EXPECT_FALSE(first.diagnostics.has_errors());
  const json golden = json::parse(
      read_file(std::string(TIERCEL_SOURCE_DIR) + "/tests/conformance/stock/golden.json"));
  const audit::FieldContext context;
  for (const json& row : golden) {
    const std::string event_text = row["event"].dump();
    for (const auto* loaded : {&first, &all}) {
      engine::Evaluator evaluator;
      evaluator.use(loaded->rule_set);
      NaiveEvaluator naive(context);
      for_each_event(event_text, [&](const audit::AuditEvent& event) {
        const auto matches = evaluator.evaluate(event, context);
        std::vector<std::string> names;
        for (const std::uint32_t rule : matches) {
          names.push_back(loaded->rule_set->rules()[rule].meta.name);
        }
        std::vector<std::string> want;
        if (row.contains("rule")) {
          want.push_back(row["rule"]);
          if (loaded == &all && row.contains("more")) {
            for (const std::string more : row["more"]) {
              want.push_back(more);
            }
          }
        }
        EXPECT_EQ(json(names).dump(), json(want).dump()) << row["id"];
        EXPECT_EQ(std::vector<std::uint32_t>(matches.begin(), matches.end()),
                  naive.evaluate(*loaded->rule_set, event))
            << row["id"];
        if (loaded == &first && row.contains("rule") && !matches.empty()) {
          std::string line;
          loaded->rule_set->rules()[matches.front()].output->render(evaluator.map(), {}, line);
          json alert = json::parse(line);
          alert["output_fields"].erase("evt.time");
          EXPECT_EQ(alert["output_fields"], row["output_fields"]) << row["id"];
          EXPECT_EQ(alert["priority"], row["priority"]) << row["id"];
        }
      });
    }
  }
  EXPECT_EQ(golden.size(), 59U);
}

TEST(StockRules, TakeExceptionsAndOverridesAsUsersWriteThem) {
  const std::string rules = stock_rules();
  if (rules.empty()) {
    GTEST_SKIP() << "TIERCEL_EXTERNAL_FIXTURES is not set";
  }
  const std::string local = R"(
- list: allowed_k8s_users
  items: [mallory]
  override: {items: append}
- macro: contains_private_credentials
  condition: or ka.req.configmap.obj contains "zz_secret"
  override: {condition: append}
- rule: Create Privileged Pod
  exceptions:
    - name: trusted_creators
      fields: [ka.user.name, ka.target.namespace]
      comps: [=, in]
      values:
        - [admin, [default, ci]]
  override: {exceptions: append}
- rule: K8s Deployment Created
  enabled: false
  override: {enabled: replace}
- rule: K8s Service Created
  priority: ERROR
  tags: [network]
  override: {priority: replace, tags: append}
)";
  const auto loaded = load({rules, local}, engine::Matching::kAll);
  ASSERT_NE(loaded.rule_set, nullptr) << base::to_text(loaded.diagnostics);
  const json golden = json::parse(
      read_file(std::string(TIERCEL_SOURCE_DIR) + "/tests/conformance/stock/golden.json"));
  std::map<std::string, std::string> events;
  for (const json& row : golden) {
    events[row["id"]] = row["event"].dump();
  }
  const auto names = [&](const std::string& id) {
    std::vector<std::string> rules_of_event;
    for (const auto& [rule, numbers] : alerts_of(loaded.rule_set, {events.at(id)}, By::kEngine)) {
      rules_of_event.push_back(rule);
    }
    return rules_of_event;
  };
  EXPECT_EQ(names("S001"), std::vector<std::string>{}) << "excepted: admin in default";
  EXPECT_EQ(names("S053"), std::vector<std::string>{}) << "mallory is in the allowed list now";
  EXPECT_EQ(names("S042"), std::vector<std::string>{"K8s Deployment Deleted"});
  EXPECT_EQ(names("S040"), std::vector<std::string>{}) << "disabled by override";
  for (const engine::CompiledRule& rule : loaded.rule_set->rules()) {
    if (rule.meta.name == "K8s Service Created") {
      EXPECT_EQ(rule.meta.priority, base::Priority::kError);
      EXPECT_EQ(rule.meta.tags, (std::vector<std::string>{"k8s", "network"}));
    }
  }
}

}  // namespace
}  // namespace tiercel::tests
