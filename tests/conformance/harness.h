#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tiercel/engine/rule_set.h"

#include "events.h"
#include "naive_evaluator.h"

namespace tiercel::tests {

/// Rules files given as text.
[[nodiscard]] inline std::vector<rules::RulesFile> files_of(const std::vector<std::string>& texts) {
  std::vector<rules::RulesFile> files;
  for (std::size_t at = 0; at < texts.size(); ++at) {
    files.push_back({"file" + std::to_string(at + 1) + ".yaml", texts[at]});
  }
  return files;
}

/// One rule as a rules file (JSON is YAML).
[[nodiscard]] inline nlohmann::ordered_json rule_of(const std::string& name,
                                                    const std::string& condition,
                                                    const std::string& output = "o") {
  return {{"rule", name},     {"desc", "d"},        {"condition", condition},
          {"output", output}, {"priority", "INFO"}, {"source", "k8s_audit"}};
}

/// Vectors in which Falco is plainly wrong, with our answer (excused.json; README.md says why).
[[nodiscard]] inline nlohmann::ordered_json excused() {
  return nlohmann::ordered_json::parse(
      read_file(std::string(TIERCEL_SOURCE_DIR) + "/tests/conformance/excused.json"));
}

/// The Falco codes of all diagnostics of a severity, in order of place.
[[nodiscard]] inline std::vector<std::string> falco_codes(const base::Diagnostics& diagnostics,
                                                          base::Severity severity) {
  std::vector<std::string> codes;
  for (const base::Diagnostic& diagnostic : diagnostics.list()) {
    if (diagnostic.severity == severity && !diagnostic.falco_code.empty()) {
      codes.push_back(diagnostic.falco_code);
    }
  }
  return codes;
}

/// rule name → numbers (from 0) of the events it alerts on; answered by the engine, by the engine
/// as it measures what an event costs, or by the reference evaluator.
enum class By : std::uint8_t { kEngine, kMeasured, kNaive };
using AlertsByRule = std::map<std::string, std::vector<std::uint64_t>>;
[[nodiscard]] inline AlertsByRule alerts_of(const std::shared_ptr<const engine::RuleSet>& rules,
                                            const std::vector<std::string>& events, By by) {
  AlertsByRule alerts;
  engine::Evaluator evaluator;
  evaluator.use(rules);
  evaluator.measure_every(by == By::kMeasured ? 1 : 0);
  const audit::FieldContext context;
  NaiveEvaluator naive(context);
  std::uint64_t number = 0;
  for (const std::string& line : events) {
    for_each_event(line, [&](const audit::AuditEvent& decoded) {
      audit::AuditEvent event = decoded;
      event.set_number(number + 1);
      std::vector<std::uint32_t> matches;
      if (by == By::kNaive) {
        matches = naive.evaluate(*rules, event);
      } else {
        const auto found = evaluator.evaluate(event, context);
        matches.assign(found.begin(), found.end());
      }
      for (const std::uint32_t rule : matches) {
        alerts[rules->rules()[rule].meta.name].push_back(number);
      }
    });
    ++number;
  }
  return alerts;
}

}  // namespace tiercel::tests
