#include <cstdio>
#include <sstream>
#include <utility>

#include <unistd.h>

#include "tiercel/analyse/policy_check.h"
#include "tiercel/analyse/policy_generate.h"

#include "installed_config.h"
#include "options.h"
#include "policy_file.h"
#include "policy_volume.h"

namespace tiercel::app {

namespace {

// Loads rules as `rules` does; what is wrong with them is printed.
std::shared_ptr<const engine::RuleSet> load(const PolicyOptions& options,
                                            audit::DecodeLimits& limits) {
  base::Diagnostics diagnostics;
  const CommonOptions common = with_installed_config(options.common);
  const config::Loaded loaded = load_config(common, config::Purpose::kOffline, diagnostics);
  const engine::LoadResult rules = load_all(common, loaded.settings, Bodies::kPrinted, diagnostics);
  base::Diagnostics errors;
  for (const base::Diagnostic& diagnostic : diagnostics.list()) {
    if (diagnostic.severity == base::Severity::kError) {
      errors.add(diagnostic);
    }
  }
  print_diagnostics(errors);
  limits = decode_limits(loaded.settings);
  return rules.rule_set;
}

std::string summary(std::size_t rules, const std::vector<analyse::Finding>& findings) {
  std::size_t never = 0;
  std::string last;
  for (const analyse::Finding& finding : findings) {
    never += finding.harm == analyse::Harm::kNever && finding.rule != last ? 1U : 0U;
    last = finding.harm == analyse::Harm::kNever ? finding.rule : last;
  }
  if (findings.empty()) {
    return "Under this policy all " + std::to_string(rules) +
           " rules in force see what they look for.\n";
  }
  return std::to_string(never) + " of " + std::to_string(rules) +
         " rules in force can never fire under this policy. `tiercel policy generate` prints one "
         "under which all work.\n";
}

}  // namespace

int policy_check_command(const PolicyOptions& options) {
  audit::DecodeLimits limits;
  const auto rules = load(options, limits);
  auto content = read_policy_file(options.file);
  if (!content) {
    std::fprintf(stderr, "Error: %s\n", content.error().message.c_str());
    return kError;
  }
  base::Diagnostics diagnostics;
  const auto policy = analyse::read_policy(options.file, std::move(*content), diagnostics);
  if (rules == nullptr || !policy) {
    print_diagnostics(diagnostics);
    return kError;
  }
  const auto checked = analyse::check_policy(*policy, *rules);
  if (!checked) {
    print_diagnostics(diagnostics);
    std::fprintf(stderr, "Error: %s\n", checked.error().text().c_str());
    return kError;
  }
  const std::vector<analyse::Finding>& findings = *checked;
  bool is_good = true;
  for (const analyse::Finding& finding : findings) {
    is_good = is_good && finding.harm != analyse::Harm::kNever;
  }
  std::string text;
  if (options.json) {
    print_diagnostics(diagnostics);
    text = analyse::to_json(*policy, findings);
  } else {
    diagnostics.append(analyse::to_diagnostics(*policy, findings));
    if (!diagnostics.empty()) {
      text = base::to_text(diagnostics, colour_of(STDOUT_FILENO));
    }
    text += summary(rules->rules().size(), findings);
  }
  const int printed = print(text);
  return is_good ? printed : kError;
}

int policy_generate_command(const PolicyOptions& options) {
  audit::DecodeLimits limits;
  const auto rules = load(options, limits);
  if (rules == nullptr) {
    return kError;
  }
  const auto generated = analyse::generate_policy(*rules);
  if (!generated) {
    std::fprintf(stderr, "Error: %s\n", generated.error().text().c_str());
    return kError;
  }
  std::string text = *generated;
  if (!options.events.empty()) {
    base::Diagnostics diagnostics;
    const auto policy = analyse::read_policy("the generated policy", text, diagnostics);
    print_diagnostics(diagnostics);
    if (!policy) {
      return kError;
    }
    const auto volume = measure_volume(*policy, options.events, limits);
    if (!volume) {
      std::fprintf(stderr, "Error: %s\n", volume.error().text().c_str());
      return kError;
    }
    text += to_text(*volume);
  }
  return print(text);
}

}  // namespace tiercel::app
