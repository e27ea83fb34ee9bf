#include <algorithm>
#include <map>
#include <utility>

#include "tiercel/analyse/policy_check.h"

#include "doctor.h"
#include "policy_file.h"

namespace tiercel::app {

namespace {

constexpr const char* kTopic = "audit policy";
constexpr std::size_t kMostNamed = 5;

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t at = 0; at < names.size() && at < kMostNamed; ++at) {
    out += (at == 0 ? "" : ", ") + names[at];
  }
  return names.size() > kMostNamed
             ? out + " and " + std::to_string(names.size() - kMostNamed) + " more"
             : out;
}

// What is wrong with it first, as `tiercel policy check` says it.
std::string first_of(const base::Diagnostics& diagnostics) {
  for (const base::Diagnostic& one : diagnostics.list()) {
    if (one.severity == base::Severity::kError) {
      const std::string text = base::to_text(one);
      return ": " + text.substr(0, text.find('\n'));
    }
  }
  return {};
}

}  // namespace

void examine_policy(const std::string& path, const engine::RuleSet& rules, Findings& findings) {
  const std::string advice = "`tiercel policy check " + path + "` says why, rule by rule; " +
                             "`tiercel policy generate` prints one under which all work";
  auto content = read_policy_file(path);
  if (!content) {
    findings.error(kTopic, content.error().message,
                   "name the file of --audit-policy-file with --policy; run this as root");
    return;
  }
  base::Diagnostics diagnostics;
  const auto policy = analyse::read_policy(path, std::move(*content), diagnostics);
  if (!policy) {
    findings.error(kTopic, path + " is none that kube-apiserver takes" + first_of(diagnostics),
                   advice);
    return;
  }
  const auto checked = analyse::check_policy(*policy, rules);
  if (!checked) {
    findings.warning(kTopic, "not checked: " + checked.error().message,
                     "`tiercel policy check " + path + "` takes rules a file or a tag at a time");
    return;
  }
  // Each rule once, under the worst that is done to it: findings come so ordered.
  std::map<std::string, analyse::Harm> worst;
  for (const analyse::Finding& one : *checked) {
    if (one.harm != analyse::Harm::kPolicy) {
      const auto [entry, is_new] = worst.try_emplace(one.rule, one.harm);
      entry->second = is_new ? one.harm : std::min(entry->second, one.harm);
    }
  }
  std::vector<std::string> never;
  std::vector<std::string> partly;
  for (const auto& [rule, harm] : worst) {
    (harm == analyse::Harm::kNever ? never : partly).push_back(rule);
  }
  if (!never.empty()) {
    findings.error(kTopic, "rules that can never fire under " + path + ": " + joined(never),
                   advice);
  }
  if (!partly.empty()) {
    findings.warning(kTopic,
                     "rules that misfire or see only a part under " + path + ": " + joined(partly),
                     advice);
  }
  if (worst.empty()) {
    findings.good(kTopic, "under " + path + " all rules see what they look for");
  }
}

}  // namespace tiercel::app
