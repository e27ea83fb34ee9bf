#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/alert/bound_term.h"
#include "tiercel/alert/rule_output.h"

namespace tiercel::alert {

/// How rendered text is written: as it is, or as the inside of a JSON string.
enum class Escape : std::uint8_t { kNone, kJson };

/// A parsed output template: literal text and tokens.
///
/// Where a token ends (Falco): the longest text that parses and names something valid
/// is the token; the rest is literal.
class OutputTemplate {
 public:
  /// Nothing when a problem of kind kError or kUnknownFilter was added. `offset` in a
  /// problem counts from the start of `text`.
  static std::optional<OutputTemplate> parse(std::string_view text, audit::FieldSet& fields,
                                             std::span<const std::string> static_names,
                                             std::vector<TemplateProblem>& out);

  void render(audit::FieldMap& map, Escape escape, std::string& out) const;
  /// Every field named, those inside transformers included.
  [[nodiscard]] std::vector<audit::FieldId> fields() const;

 private:
  struct Piece {
    std::string literal;
    std::string escaped_literal;
    std::optional<BoundTerm> term;
    const audit::Field* field = nullptr;  // of a plain token
    std::size_t width = 0;                // 0: as long as it is
  };
  class Parser;

  std::vector<Piece> pieces_;
};

/// A value as text: lists in parentheses, absent as <NA>. `field` says how its numbers
/// and texts are printed; null for a transformer's result.
void append_value_text(const base::Value& value, const audit::Field* field, Escape escape,
                       std::string& out);

}  // namespace tiercel::alert
