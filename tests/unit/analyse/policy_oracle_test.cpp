// What `policy check` says against what happens: recorded events are cut down as the policy would
// have recorded them, and every rule is asked about both.
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "tiercel/analyse/policy_generate.h"

#include "policy_support.h"

namespace tiercel::tests {
namespace {

using analyse::Harm;
using analyse::Level;
using json = nlohmann::ordered_json;
using Matches = std::set<std::string>;  // names of rules

struct Recording {
  json event;
  std::map<Level, Matches> matches;  // of the event as each level has it
};

std::string text_of(const json& object, const char* key) {
  return object.is_object() && object.contains(key) && object[key].is_string()
             ? object[key].get<std::string>()
             : std::string();
}

class Recordings {
 public:
  explicit Recordings(std::shared_ptr<const engine::RuleSet> rules) : rules_(std::move(rules)) {
    evaluator_.use(rules_);
    const std::string folder = std::string(TIERCEL_TEST_DATA) + "/scenarios";
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
      if (file.path().extension() == ".jsonl") {
        for (const std::string& line : data_lines("scenarios/" + file.path().filename().string())) {
          add(line);
        }
      }
    }
  }

  // Every contradiction between findings and what the rules do under the policy.
  [[nodiscard]] std::vector<std::string> contradictions(
      const analyse::Policy& policy, const std::vector<analyse::Finding>& findings) const {
    std::set<std::pair<Harm, std::string>> said;
    for (const analyse::Finding& finding : findings) {
      said.emplace(finding.harm, finding.rule);
    }
    std::vector<std::string> out;
    for (const Recording& one : all_) {
      const Level level = level_of(policy, one.event);
      const Matches& seen = one.matches.at(level);
      const Matches& full = one.matches.at(Level::kRequestResponse);
      for (const std::string& rule : full) {
        if (!seen.contains(rule) && !said.contains({Harm::kNever, rule}) &&
            !said.contains({Harm::kPart, rule})) {
          out.push_back("lost by " + rule + ": " + one.event.dump());
        }
      }
      for (const std::string& rule : seen) {
        if (said.contains({Harm::kNever, rule})) {
          out.push_back("fired, though never said of " + rule + ": " + one.event.dump());
        }
        if (!full.contains(rule) && !said.contains({Harm::kMisfires, rule})) {
          out.push_back("misfire of " + rule + ": " + one.event.dump());
        }
      }
    }
    return out;
  }
  [[nodiscard]] const std::vector<Recording>& all() const { return all_; }

 private:
  static Level level_of(const analyse::Policy& policy, const json& event) {
    analyse::Request request;
    const json none = json::object();
    const json& user = event.contains("user") ? event["user"] : none;
    const json& object = event.contains("objectRef") ? event["objectRef"] : none;
    std::vector<std::string> texts{text_of(user, "username"),      text_of(event, "verb"),
                                   text_of(object, "apiGroup"),    text_of(object, "resource"),
                                   text_of(object, "subresource"), text_of(object, "namespace"),
                                   text_of(object, "name"),        text_of(event, "requestURI")};
    request.user = texts[0];
    request.verb = texts[1];
    request.group = texts[2];
    request.resource = texts[3];
    request.subresource = texts[4];
    request.space = texts[5];
    // Filled in from the object, long after the decision.
    const bool is_new = texts[1] == "create" && texts[4].empty();
    request.name = is_new ? std::string_view() : std::string_view(texts[6]);
    request.path = std::string_view(texts[7]).substr(0, texts[7].find('?'));
    request.is_resource = event.contains("objectRef");
    std::vector<std::string> groups;
    if (user.contains("groups")) {
      groups = user["groups"].get<std::vector<std::string>>();
    }
    request.groups.assign(groups.begin(), groups.end());
    const analyse::PolicyRule* const rule = analyse::decide(policy, request);
    const auto stage = analyse::parse_stage(text_of(event, "stage"));
    return rule == nullptr || (stage && (rule->omitted & analyse::bit(*stage)) != 0) ? Level::kNone
                                                                                     : rule->level;
  }

  void add(const std::string& line) {
    Recording one{json::parse(line, nullptr, false), {}};
    if (!one.event.is_object()) {
      return;
    }
    json event = one.event;
    one.matches[Level::kRequestResponse] = matches(event);
    event.erase("responseObject");
    one.matches[Level::kRequest] = matches(event);
    event.erase("requestObject");
    one.matches[Level::kMetadata] = matches(event);
    one.matches[Level::kNone] = {};
    all_.push_back(std::move(one));
  }

  Matches matches(const json& event) {
    Matches out;
    for_each_event(event.dump(), [&](const audit::AuditEvent& decoded) {
      for (const std::uint32_t rule : evaluator_.evaluate(decoded, context_)) {
        out.insert(rules_->rules()[rule].meta.name);
      }
    });
    return out;
  }

  std::shared_ptr<const engine::RuleSet> rules_;
  engine::Evaluator evaluator_;
  audit::FieldContext context_;
  std::vector<Recording> all_;
};

// Policies made of what the recordings hold.
class RandomPolicies {
 public:
  explicit RandomPolicies(std::uint32_t seed) : random_(seed) {}

  std::string make() {
    std::string out = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";
    out += one_in(3) ? "omitStages: [" + pick(kStages) + "]\n" : "";
    out += "rules:\n";
    for (std::size_t rules = 1 + random_() % 6; rules > 0; --rules) {
      out += "- level: " + pick(kLevels) + "\n";
      out += one_in(4) ? "  users: [" + list(kUsers) + "]\n" : "";
      out += one_in(5) ? "  userGroups: [" + list(kGroups) + "]\n" : "";
      out += one_in(2) ? "  verbs: [" + list(kVerbs) + "]\n" : "";
      out += one_in(6) ? "  omitStages: [" + pick(kStages) + "]\n" : "";
      if (one_in(8)) {
        out += "  nonResourceURLs: [" + list(kUrls) + "]\n";
        continue;
      }
      out += one_in(4) ? "  namespaces: [" + list(kSpaces) + "]\n" : "";
      if (!one_in(3)) {
        out += "  resources:\n  - {" + pick(kResources) + "}\n  - {" + pick(kResources) + "}\n";
      }
    }
    return out;
  }

 private:
  using Texts = std::vector<std::string>;
  bool one_in(std::uint32_t count) { return random_() % count == 0; }
  std::string pick(const Texts& texts) { return texts[random_() % texts.size()]; }
  std::string list(const Texts& texts) {
    std::string out = pick(texts);
    while (!one_in(3)) {
      out += ", " + pick(texts);
    }
    return out;
  }

  const Texts kLevels{"None", "Metadata", "Request", "RequestResponse"};
  const Texts kStages{"RequestReceived", "ResponseStarted", "ResponseComplete"};
  const Texts kUsers{"alice", "\"system:anonymous\"", "admin", "mallory", "kubernetes-admin"};
  const Texts kGroups{"\"system:masters\"", "\"system:authenticated\"",
                      "\"system:unauthenticated\"", "\"system:nodes\"",
                      "\"system:serviceaccounts\""};
  const Texts kVerbs{"get", "list", "watch", "create", "update", "patch", "delete"};
  const Texts kUrls{"\"/api*\"", "/version", "\"/healthz*\"", "\"*\"", "/readyz"};
  const Texts kSpaces{"default", "kube-system", "\"\"", "kube-public"};
  const Texts kResources{
      R"(group: "", resources: [configmaps, secrets], resourceNames: [aws, s1, ok])",
      R"(group: "", resources: [pods, "pods/*"], resourceNames: [priv1, sh, pend, ""])",
      R"(group: "", resources: [pods])",
      R"(group: "", resources: ["pods/*"])",
      R"(group: "", resources: ["*"])",
      R"(group: "")",
      R"(group: "", resources: [pods/exec, pods/portforward, secrets])",
      R"(group: "", resources: [configmaps, services], resourceNames: [creds, web])",
      R"(group: "", resources: [configmaps, services, namespaces, serviceaccounts])",
      R"(group: "apps", resources: [deployments, daemonsets])",
      R"(group: "apps")",
      R"(group: "networking.k8s.io")",
      R"(group: "rbac.authorization.k8s.io", resources: [clusterroles, roles])",
      R"(group: "rbac.authorization.k8s.io")",
      R"(group: "", resources: ["*/ephemeralcontainers"])"};
  std::mt19937 random_;
};

std::string seeded(const char* name, std::uint32_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr || *text == '\0' ? std::to_string(otherwise) : text;
}

void try_policies(const std::shared_ptr<const engine::RuleSet>& rules) {
  const Recordings recordings(rules);
  ASSERT_GT(recordings.all().size(), 500U);
  const auto seed = static_cast<std::uint32_t>(std::stoul(seeded("TIERCEL_TEST_SEED", 1)));
  const std::size_t rounds = std::stoul(seeded("TIERCEL_POLICY_ROUNDS", 20));
  RandomPolicies policies(seed);
  std::size_t findings_in_all = 0;
  std::size_t fine_in_all = 0;
  for (std::size_t round = 0; round < rounds; ++round) {
    const std::string text = policies.make();
    const analyse::Policy policy = policy_of(text);
    ASSERT_FALSE(policy.rules.empty()) << text;
    const auto findings = findings_of(policy, *rules);
    const auto wrong = recordings.contradictions(policy, findings);
    ASSERT_TRUE(wrong.empty()) << "TIERCEL_TEST_SEED=" << seed << " round " << round << "\n"
                               << text << wrong.front();
    findings_in_all += findings.size();
    Matches harmed;
    for (const analyse::Finding& finding : findings) {
      harmed.insert(finding.rule);
    }
    fine_in_all += rules->rules().size() - std::min(rules->rules().size(), harmed.size());
  }
  EXPECT_GT(findings_in_all, rounds);
  EXPECT_GT(fine_in_all, 0U) << "a check that calls nothing fine proves nothing";
}

void try_generated(const std::shared_ptr<const engine::RuleSet>& rules) {
  const analyse::Policy policy = policy_of(generated_policy(*rules));
  ASSERT_FALSE(policy.rules.empty());
  const auto wrong = Recordings(rules).contradictions(policy, {});
  EXPECT_TRUE(wrong.empty()) << wrong.size() << " " << wrong.front();
}

TEST(PolicyOracle, AgreesForTheShippedRules) { try_policies(shipped_rules().rule_set); }

TEST(PolicyOracle, AgreesForFalcosRules) {
  const std::string rules = external("k8s_audit_rules.yaml");
  if (rules.empty()) {
    GTEST_SKIP() << "TIERCEL_EXTERNAL_FIXTURES is not set";
  }
  try_policies(load_text(rules).rule_set);
}

// Rules and policies that both go by the name.
TEST(PolicyOracle, AgreesAboutNames) {
  std::string text;
  for (const char* const condition :
       {"ka.verb = create and ka.target.resource = configmaps and ka.target.name = aws",
        "ka.target.resource = configmaps and ka.target.name in (aws, ok)",
        "ka.target.resource = pods and ka.target.name in (sh, priv1)"}) {
    text += "- rule: " + std::string(condition) + "\n  desc: d\n  output: x\n  priority: NOTICE\n" +
            "  source: k8s_audit\n  condition: ka.stage = ResponseComplete and " + condition + "\n";
  }
  const auto loaded = load_text(text);
  ASSERT_NE(loaded.rule_set, nullptr) << base::to_text(loaded.diagnostics);
  const Recordings recordings(loaded.rule_set);
  Matches fired;
  for (const Recording& one : recordings.all()) {
    fired.merge(Matches(one.matches.at(Level::kRequestResponse)));
  }
  EXPECT_EQ(fired.size(), 3U) << "a rule that matches nothing proves nothing";
  for (
      const char* const resources :
      {R"({group: "", resources: [configmaps], resourceNames: [aws, ok]})",
       R"({group: "", resources: [configmaps, pods, "pods/*"], resourceNames: [aws, ok, sh, priv1]})",
       R"({group: "", resources: ["*"], resourceNames: [aws]})",
       R"({group: "", resources: [configmaps, pods], resourceNames: [""]})"}) {
    for (const auto& [first, then] :
         {std::pair{"None", "Metadata"}, std::pair{"Metadata", "None"}}) {
      const std::string written = std::string("- level: ") + first + "\n  resources: [" +
                                  resources + "]\n- level: " + then + "\n";
      const analyse::Policy policy = policy_with(written);
      ASSERT_FALSE(policy.rules.empty()) << written;
      const auto findings = findings_of(policy, *loaded.rule_set);
      const auto wrong = recordings.contradictions(policy, findings);
      EXPECT_TRUE(wrong.empty()) << written << wrong.front();
    }
  }
}

TEST(PolicyOracle, GeneratedPoliciesLoseNothing) {
  try_generated(shipped_rules().rule_set);
  const std::string rules = external("k8s_audit_rules.yaml");
  if (!rules.empty()) {
    try_generated(load_text(rules).rule_set);
  }
}

}  // namespace
}  // namespace tiercel::tests
