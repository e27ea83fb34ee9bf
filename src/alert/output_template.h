#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/alert/bound_term.h"
#include "tiercel/alert/rule_output.h"

#include "field_redaction.h"

namespace tiercel::alert {

/// A parsed output template: literal text and tokens, `%field` or `%transformer(…)`.
///
///   template = [ "*" ] { literal | "%" [ width ] ( field | transformer ) }
///
/// Where a token ends: the longest text that parses and names something valid is the
/// token, what follows is literal. There is no escape for the percent sign.
///
/// Immutable; any thread.
class OutputTemplate {
 public:
  /// A width beyond this is a mistake, and would cost memory with every alert.
  static constexpr std::size_t kMostWidth = 4096;

  /// Nothing when a problem of kind kError or kUnknownFilter was added. `offset` in a
  /// problem counts from the start of `text`.
  static std::optional<OutputTemplate> parse(std::string_view text, audit::FieldSet& fields,
                                             std::span<const std::string> static_names,
                                             std::vector<TemplateProblem>& out);

  /// From now on values are redacted; `fields` is the set given to parse().
  void redact(const audit::FieldSet& fields);
  /// Appends the message, unescaped.
  void render(audit::FieldMap& map, RedactionMemo& memo, std::string& out) const;
  /// Every field named, those inside transformers included.
  [[nodiscard]] std::vector<audit::FieldId> fields() const;

 private:
  friend class TemplateParser;
  /// A token with the literal text before it.
  struct Piece {
    std::string literal;
    BoundTerm term;
    const audit::Field* field = nullptr;  // null for a transformer
    std::size_t width = 0;                // 0: as long as it is
    FieldPolicy policy = FieldPolicy::kKeep;
  };

  static base::Value shown(const Piece& piece, audit::FieldMap& map, RedactionMemo& memo);

  std::vector<Piece> pieces_;
  std::string tail_;  // the literal text after the last token
};

}  // namespace tiercel::alert
