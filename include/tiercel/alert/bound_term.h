#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tiercel/audit/field_map.h"
#include "tiercel/base/value.h"
#include "tiercel/condition/expr.h"
#include "tiercel/condition/transformer.h"

namespace tiercel::alert {

/// Why a field or transformer call cannot be bound.
struct TermProblem {
  enum class Kind : std::uint8_t {
    kUnknownField,  ///< counts as "no such field" for skip-if-unknown-filter
    kArgument,      ///< the field exists, its argument is wrong
    kShape,         ///< a transformer's arguments do not fit
    kArgumentCount  ///< a transformer of one argument was given several
  };
  Kind kind = Kind::kUnknownField;
  std::string code;
  std::string message;
  std::string nearest;     ///< nearest known field, may be empty
  condition::Place place;  ///< of the field or call itself, inside of others too
};

/// A field, constant or transformer call bound to the fields of a FieldSet, ready to be
/// evaluated: what stands on either side of an operator, and in output templates.
///
/// Immutable; any thread. evaluate() allocates in the map's arena only.
class BoundTerm {
 public:
  /// Resolves names, checks arguments and shapes; fields go into `fields`.
  static std::optional<BoundTerm> bind(const condition::Term& term, audit::FieldSet& fields,
                                       std::span<const std::string> static_names,
                                       TermProblem& problem);
  /// A field that is in the set already.
  [[nodiscard]] static BoundTerm of_field(audit::FieldId field, base::ValueShape shape);

  [[nodiscard]] base::ValueShape shape() const { return shape_; }
  // NOLINTNEXTLINE(misc-no-recursion): as deep as the parser went, which is bounded.
  [[nodiscard]] base::Value evaluate(audit::FieldMap& map) const {
    return kind_ == condition::Term::Kind::kField ? map.get(field_) : evaluate_other(map);
  }
  /// The value as it may be shown: each field read is redacted, and so is what a
  /// transformer makes of them.
  [[nodiscard]] base::Value evaluate_redacted(audit::FieldMap& map) const;
  /// The field when this is one and not a transformer's result.
  [[nodiscard]] std::optional<audit::FieldId> plain_field() const {
    return kind_ == condition::Term::Kind::kField ? std::optional(field_) : std::nullopt;
  }
  /// Appends every field read, those inside transformers included.
  void collect_fields(std::vector<audit::FieldId>& out) const;

 private:
  BoundTerm() = default;
  static std::optional<BoundTerm> bind_field(const condition::Term& term, audit::FieldSet& fields,
                                             std::span<const std::string> static_names,
                                             TermProblem& problem);
  // A parenthesised list or a call, whose operands are bound first.
  static std::optional<BoundTerm> bind_operands(const condition::Term& term,
                                                audit::FieldSet& fields,
                                                std::span<const std::string> static_names,
                                                TermProblem& problem);
  enum class Shown : std::uint8_t { kRaw, kRedacted };
  // NOLINTNEXTLINE(misc-no-recursion): the same.
  [[nodiscard]] base::Value evaluate_as(Shown shown, audit::FieldMap& map) const {
    return shown == Shown::kRaw ? evaluate(map) : evaluate_redacted(map);
  }
  [[nodiscard]] base::Value evaluate_other(audit::FieldMap& map, Shown shown = Shown::kRaw) const;
  [[nodiscard]] base::Value evaluate_list(audit::FieldMap& map, Shown shown) const;
  [[nodiscard]] base::Value evaluate_call(audit::FieldMap& map, Shown shown) const;

  condition::Term::Kind kind_ = condition::Term::Kind::kField;
  audit::FieldId field_{};
  base::ValueShape shape_;
  std::string text_;  // kText, kNumber: the constant; kCall: the [option]
  const condition::Transformer* transformer_ = nullptr;
  std::vector<BoundTerm> operands_;
};

}  // namespace tiercel::alert
