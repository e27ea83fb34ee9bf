#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "tiercel/base/one_line.h"

#include "deliveries.h"
#include "doctor.h"

namespace tiercel::app {

namespace {

const char* word_of(Finding::State state) {
  switch (state) {
    case Finding::State::kGood:
      return "good";
    case Finding::State::kNotChecked:
      return "not checked";
    case Finding::State::kWarning:
      return "warning";
    case Finding::State::kError:
      break;
  }
  return "error";
}

// Configuration, rules and outputs as `tiercel check` has them; the rules, or null.
std::shared_ptr<const engine::RuleSet> examine_configuration(const CommonOptions& common,
                                                             const config::Loaded& loaded,
                                                             base::Diagnostics& diagnostics,
                                                             Findings& findings) {
  engine::LoadResult rules;
  if (!diagnostics.has_errors()) {
    rules = load_all(common, loaded.settings, Bodies::kStored, diagnostics);
    check_outputs(loaded.settings.outputs, diagnostics);
  }
  std::size_t warnings = 0;
  for (const base::Diagnostic& one : diagnostics.list()) {
    warnings += one.severity == base::Severity::kWarning ? 1U : 0U;
    if (one.severity == base::Severity::kError) {
      const std::string text = base::to_text(one);
      findings.error("configuration", text.substr(0, text.find('\n')),
                     "`tiercel check -c " + *common.config + "` shows the place");
    }
  }
  if (rules.rule_set == nullptr) {
    return nullptr;
  }
  if (warnings != 0) {
    findings.warning("configuration", std::to_string(warnings) + " warnings",
                     "`tiercel check -c " + *common.config + "` shows them");
  } else if (!diagnostics.has_errors()) {
    findings.good(
        "configuration",
        *common.config + ": " + std::to_string(rules.rule_set->rules().size()) + " rules in force");
  }
  return rules.rule_set;
}

}  // namespace

void Findings::good(std::string topic, std::string what) {
  list_.push_back({Finding::State::kGood, std::move(topic), std::move(what), {}});
}
void Findings::not_checked(std::string topic, std::string what, std::string advice) {
  list_.push_back(
      {Finding::State::kNotChecked, std::move(topic), std::move(what), std::move(advice)});
}
void Findings::warning(std::string topic, std::string what, std::string advice) {
  list_.push_back({Finding::State::kWarning, std::move(topic), std::move(what), std::move(advice)});
}
void Findings::error(std::string topic, std::string what, std::string advice) {
  list_.push_back({Finding::State::kError, std::move(topic), std::move(what), std::move(advice)});
}

bool Findings::has_errors() const {
  return std::any_of(list_.begin(), list_.end(),
                     [](const Finding& one) { return one.state == Finding::State::kError; });
}

std::string Findings::text() const {
  std::string out;
  for (const Finding& one : list_) {
    out +=
        std::string(word_of(one.state)) + "\t" + one.topic + "\t" + base::one_line(one.what) + "\n";
    if (!one.advice.empty()) {
      out += "\t\t-> " + base::one_line(one.advice) + "\n";
    }
  }
  return out;
}

std::string Findings::json() const {
  using Json = nlohmann::ordered_json;
  Json all = Json::array();
  for (const Finding& one : list_) {
    all.push_back({{"state", word_of(one.state)},
                   {"topic", one.topic},
                   {"what", one.what},
                   {"advice", one.advice}});
  }
  return all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

int doctor_command(const DoctorOptions& options) {
  CommonOptions common = options.common;
  if (!common.config) {
    common.config = kDefaultConfig;
  }
  base::Diagnostics diagnostics;
  const config::Loaded loaded = load_config(common, config::Purpose::kOffline, diagnostics);
  Findings findings;
  const bool is_readable = !diagnostics.has_errors();
  std::vector<RuleOutOfForce> disabled;
  if (is_readable) {
    disabled = rules_out_of_force(loaded.settings);
  }
  for (const RuleOutOfForce& one : disabled) {
    common.disabled_rules.push_back(one.rule);
  }
  const auto rules = examine_configuration(common, loaded, diagnostics, findings);
  std::string policy = options.policy;
  if (is_readable) {
    examine_daemon(loaded.settings, rules == nullptr ? "" : rules->hash(), disabled, findings);
    examine_certificates(loaded.settings, findings);
    examine_host(loaded.settings, options.etcd, findings);
    examine_files(common, loaded, findings);
    const std::string from_manifest = examine_apiserver(options, loaded.settings, findings);
    policy = policy.empty() ? from_manifest : policy;
  } else {
    findings.not_checked("daemon, host, apiserver", "the configuration cannot be read",
                         "mend it first");
  }
  if (policy.empty() || rules == nullptr) {
    findings.not_checked("audit policy", "whether every rule can fire under it",
                         "name the file of --audit-policy-file with --policy");
  } else {
    examine_policy(policy, *rules, findings);
  }
  const int printed = print(options.json ? findings.json() : findings.text());
  return printed != kSuccess || findings.has_errors() ? kError : kSuccess;
}

}  // namespace tiercel::app
