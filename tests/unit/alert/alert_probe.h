#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "tiercel/alert/rule_output.h"
#include "tiercel/audit/event.h"

namespace tiercel::alert::tests {

/// The event that the tables of observed cases change member by member.
[[nodiscard]] std::string e0();
/// E0 with the member of this dotted path set to a JSON value.
[[nodiscard]] std::string e0_with(const std::string& dotted_path, std::string_view json);

/// A JSON alert as tests compare it: its parsed form. Fails the test unless the line is one
/// object with sorted members, no blanks and a newline at its end.
[[nodiscard]] nlohmann::json parsed(std::string_view line);

/// "error unknown_field at 3, near ka.name; …"; empty when there are none.
[[nodiscard]] std::string print(const std::vector<TemplateProblem>& problems);

/// Compiles one template as the rule `r`, priority Warning, source k8s_audit, and renders
/// it; the zone is UTC, the event's number 1. JSON without alert_id unless asked for.
class Probe {
 public:
  Probe();

  AlertOptions options;
  RuleMeta meta;
  audit::FieldContext context;
  AlertOrigin origin;

  /// The alert line, or "refused: " and the problems.
  [[nodiscard]] std::string line(std::string_view output, std::string_view event = {});
  /// The message alone, or "refused: " and the problems.
  [[nodiscard]] std::string message(std::string_view output, std::string_view event = {});
  /// Everything that compiling reports.
  [[nodiscard]] std::vector<TemplateProblem> problems(std::string_view output);
  [[nodiscard]] nlohmann::json json(std::string_view output, std::string_view event = {}) {
    return parsed(line(output, event));
  }

 private:
  using Render = std::function<void(const RuleOutput&, audit::FieldMap&, std::string&)>;
  std::string rendered(std::string_view output, std::string_view event, const Render& render);
};

/// Decodes one event, as an item of a list so that it needs no kind.
void with_event(std::string_view json, const std::function<void(audit::AuditEvent&)>& visit);

/// The lines of a file under tests/data.
[[nodiscard]] std::vector<std::string> data_lines(const std::string& name);

}  // namespace tiercel::alert::tests
