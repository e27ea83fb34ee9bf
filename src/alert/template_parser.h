#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/condition/parser.h"

#include "output_template.h"

namespace tiercel::alert {

/// Reads one template. Every bad token is reported, not the first alone.
class TemplateParser {
 public:
  TemplateParser(std::string_view text, audit::FieldSet& fields,
                 std::span<const std::string> static_names, std::vector<TemplateProblem>& out)
      : text_(text), fields_(fields), static_names_(static_names), problems_(out) {}

  std::optional<OutputTemplate> parse();

 private:
  // Each reads at `at_`, a percent sign, and moves behind the token; false on a mistake.
  bool token();
  bool call_token(const condition::TermPrefix& prefix);
  bool field_token(const condition::TermPrefix& prefix);
  // No field and no call begins here: says why not.
  void no_term();

  [[nodiscard]] std::optional<audit::FieldRef> longest_field(std::string_view name) const;
  void push_field(audit::FieldRef reference);
  void push(BoundTerm term, const audit::Field* field);
  void report(TemplateProblem::Kind kind, std::size_t offset, std::string code, std::string message,
              std::string nearest = {});

  std::string_view text_;
  audit::FieldSet& fields_;
  std::span<const std::string> static_names_;
  std::vector<TemplateProblem>& problems_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;  // of the name, behind percent sign and width
  std::size_t width_ = 0;
  std::string literal_;  // read since the last token
  OutputTemplate result_;
};

}  // namespace tiercel::alert
