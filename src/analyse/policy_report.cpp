#include <nlohmann/json.hpp>

#include "tiercel/analyse/policy_check.h"

namespace tiercel::analyse {

namespace {

base::Severity severity_of(Harm harm) {
  return harm == Harm::kNever     ? base::Severity::kError
         : harm == Harm::kRepeats ? base::Severity::kNote
                                  : base::Severity::kWarning;
}

const base::Location& place_of(const Policy& policy, const Finding& finding) {
  return finding.by == nullptr ? policy.end : finding.by->location;
}

nlohmann::ordered_json json_of(const std::vector<Requests>& all) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const Requests& requests : all) {
    nlohmann::ordered_json one;
    one["verbs"] = requests.verbs;
    one["resources"] = nlohmann::ordered_json::array();
    for (const Requests::Resource& resource : requests.resources) {
      one["resources"].push_back({{"group", resource.group}, {"resource", resource.resource}});
    }
    one["other_resources"] = requests.others;
    one["non_resource_urls"] = requests.urls;
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace

std::string_view to_text(Harm harm) {
  constexpr std::string_view kNames[] = {"never",  "misfires", "part",
                                         "output", "repeats",  "policy"};
  return kNames[static_cast<std::size_t>(harm)];
}

base::Diagnostics to_diagnostics(const Policy& policy, const std::vector<Finding>& findings) {
  base::Diagnostics out;
  for (const Finding& finding : findings) {
    base::Diagnostic diagnostic;
    diagnostic.severity = severity_of(finding.harm);
    diagnostic.code = "policy_" + std::string(to_text(finding.harm));
    diagnostic.location = place_of(policy, finding);
    diagnostic.message = finding.message;
    if (finding.by != nullptr) {
      diagnostic.snippet = finding.by->line;
      diagnostic.caret = diagnostic.location.column == 0 ? 0 : diagnostic.location.column - 1;
    }
    diagnostic.notes = finding.advice;
    if (!finding.rule.empty()) {
      diagnostic.notes.push_back("the rule stands in " + finding.rule_location.file + ":" +
                                 std::to_string(finding.rule_location.line));
    }
    out.add(std::move(diagnostic));
  }
  out.sort_by_place();
  return out;
}

std::string to_json(const Policy& policy, const std::vector<Finding>& findings) {
  nlohmann::ordered_json out;
  out["policy"] = policy.file;
  out["findings"] = nlohmann::ordered_json::array();
  for (const Finding& finding : findings) {
    nlohmann::ordered_json one;
    one["harm"] = to_text(finding.harm);
    one["rule"] = finding.rule;
    one["rule_file"] = finding.rule_location.file;
    one["rule_line"] = finding.rule_location.line;
    one["file"] = policy.file;
    one["line"] = finding.by == nullptr ? 0 : finding.by->location.line;
    one["requests"] = json_of(finding.requests);
    one["recorded"] = to_text(finding.recorded);
    one["needed"] = to_text(finding.needed);
    one["stages"] = finding.stages;
    one["fields"] = finding.fields;
    one["message"] = finding.message;
    one["advice"] = finding.advice;
    one["add"] = finding.add;
    out["findings"].push_back(std::move(one));
  }
  return out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace tiercel::analyse
