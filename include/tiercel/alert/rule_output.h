#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/alert/alert_id.h"
#include "tiercel/alert/alert_options.h"
#include "tiercel/audit/field_map.h"
#include "tiercel/base/priority.h"

namespace tiercel::alert {

/// What an alert says about its rule.
struct RuleMeta {
  std::string name;
  base::Priority priority = base::Priority::kDebug;
  std::vector<std::string> tags;  ///< sorted, unique
  std::string source;
};

/// Stands in front of the message of an alert that `tiercel selftest` provoked.
inline constexpr std::string_view kSelftestMark = "[tiercel selftest] ";

/// Where an alert comes from, beside its event.
struct AlertOrigin {
  std::string_view apiserver{};  ///< address, log's or socket's path, "stdin"; empty: not said
  std::string_view selftest{};   ///< the mark of `tiercel selftest`; empty: a real event
};

/// A bad token in a template.
struct TemplateProblem {
  enum class Kind : std::uint8_t {
    kError,          ///< LOAD_ERR_COMPILE_OUTPUT
    kUnknownFilter,  ///< an error too, but skip-if-unknown-filter skips the rule instead
    kDeprecated,     ///< LOAD_DEPRECATED_ITEM: %container.info
    kAdvice,         ///< warning of ours: a token that became literal text
  };
  Kind kind = Kind::kError;
  std::string code;
  std::string message;
  std::string nearest;
  std::size_t offset = 0;  ///< byte in the template as written in the rule, if `in_rule`
  bool in_rule = true;     ///< false: in append_output or -p
};

/// A rule's output, compiled once: the template's tokens bound to fields, the JSON
/// members that do not depend on the event already rendered. Immutable; any thread.
class RuleOutput {
 public:
  /// Compiles `output` with what `options` append to it. Fields go into `fields`.
  /// Returns null when a problem of kind kError or kUnknownFilter was added.
  static std::unique_ptr<const RuleOutput> compile(const RuleMeta& meta, std::string_view output,
                                                   const AlertOptions& options,
                                                   audit::FieldSet& fields,
                                                   std::vector<TemplateProblem>& out);
  RuleOutput(const RuleOutput&) = delete;
  RuleOutput& operator=(const RuleOutput&) = delete;
  ~RuleOutput();

  /// Appends the alert line for the map's event, newline included, as JSON or text
  /// (AlertOptions::json_output), straight into the buffer that outputs take.
  void render(audit::FieldMap& fields, const AlertId& id, std::string& out) const {
    render(fields, id, {}, out);
  }
  /// The same with its origin: the JSON member apiserver; the mark of a self-test in front of the
  /// message and among the output fields.
  void render(audit::FieldMap& fields, const AlertId& id, const AlertOrigin& origin,
              std::string& out) const;
  /// Appends the message alone: the rendered template, unescaped.
  void render_message(audit::FieldMap& fields, std::string& out) const;

 private:
  class Impl;
  explicit RuleOutput(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

/// The names of what stands for a rule in alerts about tiercel itself.
inline constexpr std::string_view kOwnRules = "tiercel: ";
[[nodiscard]] inline std::string own_rule(std::string_view code) {
  return std::string(kOwnRules) + std::string(code);
}
[[nodiscard]] inline bool is_own_rule(std::string_view rule) { return rule.starts_with(kOwnRules); }

/// An alert of our own, not from a rule: rule "tiercel: <code>", source "tiercel".
struct InternalAlert {
  std::string code;
  base::Priority priority = base::Priority::kWarning;
  std::string message;
  std::vector<std::pair<std::string, std::string>> fields;  ///< into output_fields, with evt.time
  std::int64_t time = 0;
  AlertId id{};
};
void render_internal(const InternalAlert& alert, const AlertOptions& options, std::string& out);

}  // namespace tiercel::alert
