// The rules that we ship: each fires on an event it is for and not on the same event changed
// in one member (shipped/cases.json), and recorded stories give exactly the alerts that their
// descriptions call for (shipped/scenarios.json).
#include <set>

#include <gtest/gtest.h>

#include "harness.h"

namespace tiercel::tests {
namespace {

using nlohmann::json;

std::string folder() { return std::string(TIERCEL_SOURCE_DIR) + "/tests/conformance/shipped/"; }

engine::LoadResult shipped(const std::vector<std::string>& more = {},
                           engine::Matching matching = engine::Matching::kAll) {
  std::vector<std::string> texts{
      read_file(std::string(TIERCEL_SOURCE_DIR) + "/rules/k8s_audit_rules.yaml")};
  texts.insert(texts.end(), more.begin(), more.end());
  engine::CompileOptions options;
  options.matching = matching;
  return engine::load_rules(files_of(texts), options);
}

std::set<std::string> rules_on(const engine::LoadResult& loaded, const json& event) {
  std::set<std::string> names;
  for (const auto& [rule, numbers] : alerts_of(loaded.rule_set, {event.dump()}, By::kEngine)) {
    names.insert(rule);
  }
  return names;
}

json as_event(json event) {
  event["kind"] = "Event";
  return event;
}

TEST(ShippedRules, LoadWithoutADiagnostic) {
  const engine::LoadResult loaded = shipped();
  ASSERT_NE(loaded.rule_set, nullptr) << base::to_text(loaded.diagnostics);
  EXPECT_TRUE(loaded.diagnostics.empty()) << base::to_text(loaded.diagnostics);
}

TEST(ShippedRules, FireOnWhatTheyAreForAndNotOnItsNeighbour) {
  const engine::LoadResult loaded = shipped();
  ASSERT_NE(loaded.rule_set, nullptr);
  const json cases = json::parse(read_file(folder() + "cases.json"));
  std::set<std::string> covered;
  for (const json& row : cases) {
    const std::string rule = row["rule"];
    const json event = as_event(row["event"]);
    json changed = event;
    changed[json::json_pointer(row["change"].get<std::string>())] = row["to"];
    EXPECT_TRUE(rules_on(loaded, event).contains(rule)) << rule << " must fire on " << event;
    EXPECT_FALSE(rules_on(loaded, changed).contains(rule))
        << rule << " must not fire with " << row["change"] << " = " << row["to"];
    covered.insert(rule);
  }
  for (const engine::CompiledRule& rule : loaded.rule_set->rules()) {
    EXPECT_TRUE(covered.contains(rule.meta.name) || rule.meta.name == "All K8s Audit Events")
        << "add a case for " << rule.meta.name << " to tests/conformance/shipped/cases.json";
  }
}

// A patch is recorded as the client wrote it, members that its object does not have included.
TEST(ShippedRules, ABodyCannotClaimToBeTriedOutOnly) {
  const engine::LoadResult loaded = shipped();
  ASSERT_NE(loaded.rule_set, nullptr);
  json event;
  for (const json& row : json::parse(read_file(folder() + "cases.json"))) {
    if (row["rule"] == "Create NodePort Service" && row["event"]["verb"] == "patch") {
      event = as_event(row["event"]);
    }
  }
  event["requestObject"]["dryRun"] = json::array({"All"});
  EXPECT_TRUE(rules_on(loaded, event).contains("Create NodePort Service"))
      << json(rules_on(loaded, event));
  event["verb"] = "delete";
  EXPECT_FALSE(rules_on(loaded, event).contains("K8s Service Deleted")) << "said where deletes do";
  event["requestObject"].erase("dryRun");
  EXPECT_TRUE(rules_on(loaded, event).contains("K8s Service Deleted"));
}

TEST(ShippedRules, EveryEventIsOffUntilItsMacroIsReplaced) {
  const json event = as_event(json::parse(read_file(folder() + "cases.json"))[0]["event"]);
  EXPECT_FALSE(rules_on(shipped(), event).contains("All K8s Audit Events"));
  const auto all = shipped({"- macro: consider_all_events\n  condition: k8s_audit_always_true\n"});
  ASSERT_NE(all.rule_set, nullptr) << base::to_text(all.diagnostics);
  EXPECT_TRUE(rules_on(all, event).contains("All K8s Audit Events"));
}

TEST(ShippedRules, ActivityIsSilencedByItsMacro) {
  const auto quiet =
      shipped({"- macro: consider_activity_events\n  condition: k8s_audit_never_true\n"});
  ASSERT_NE(quiet.rule_set, nullptr) << base::to_text(quiet.diagnostics);
  for (const json& row : json::parse(read_file(folder() + "cases.json"))) {
    for (const std::string& rule : rules_on(quiet, as_event(row["event"]))) {
      EXPECT_FALSE(rule.starts_with("K8s ")) << rule;
    }
  }
}

TEST(ShippedRules, TellRecordedStoriesExactly) {
  const json stories = json::parse(read_file(folder() + "scenarios.json"));
  const auto loaded = shipped({stories["local_rules"].get<std::string>()});
  ASSERT_NE(loaded.rule_set, nullptr) << base::to_text(loaded.diagnostics);
  std::set<std::string> told;
  for (const json& story : stories["stories"]) {
    const std::string name = story["name"];
    const auto alerts =
        alerts_of(loaded.rule_set, data_lines("scenarios/" + name + ".jsonl"), By::kEngine);
    json got = json::object();
    for (const auto& [rule, numbers] : alerts) {
      got[rule] = numbers.size();
    }
    EXPECT_EQ(got.dump(1), story["alerts"].dump(1)) << name << ": " << story["because"];
    told.insert(name);
  }
  for (const std::string& line : data_lines("scenarios/INDEX.tsv")) {
    const std::string name = line.substr(0, line.find('\t'));
    EXPECT_TRUE(told.contains(name)) << "add " << name << " to shipped/scenarios.json";
  }
}

}  // namespace
}  // namespace tiercel::tests
