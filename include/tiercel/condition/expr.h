#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tiercel::condition {

struct Operator;
struct Transformer;

/// Where a piece of a condition stands: `text` says which text was parsed (the
/// caller's number; rules keeps a table of texts with their files), `offset` the
/// byte in it. Survives macro expansion, so that a mistake inside a macro is
/// reported where the macro was written.
struct Place {
  std::uint32_t text = 0;
  std::uint32_t offset = 0;
};

/// A field, a transformer call or a constant. What may stand left of an operator
/// (kField, kCall), in val() on its right (kField, kCall) and inside a
/// transformer's parentheses (all).
///
///   kField   name, argument (unescaped), argument_quoted    ka.uri.param["x"]
///   kCall    transformer, operands, argument = [option]     tolower(ka.verb)
///   kText    name = the unescaped text                      "abc"
///   kNumber  name = the number as written, which is a text  12
///   kList    operands                                       ("a", ka.verb)
// NOLINTNEXTLINE(misc-no-recursion): a copy goes as deep as the parser went, which is bounded.
struct Term {
  enum class Kind : std::uint8_t { kField, kCall, kText, kNumber, kList };
  Kind kind = Kind::kField;
  std::string name;
  std::optional<std::string> argument;
  bool argument_quoted = false;
  const Transformer* transformer = nullptr;
  std::vector<Term> operands;
  Place place;
};

/// A constant right of an operator, unescaped; `quoted` as it was written.
struct Constant {
  std::string text;
  bool quoted = false;
  Place place;
};

/// How several values on the right are combined (Falco 0.44).
enum class Modifier : std::uint8_t { kNone, kOneOf, kAnyOf, kAllOf };

/// One test: `left op values`, `left op modifier (values)` or `left op right`.
/// `right` is set for val(field) and for a transformer call on the right;
/// `values` is empty then.
struct Check {
  Term left;
  const Operator* op = nullptr;
  Modifier modifier = Modifier::kNone;
  std::vector<Constant> values;
  std::optional<Term> right;
  Place place;
};

struct Expr;
/// Trees are immutable once built and shared: a macro's tree hangs under every
/// rule that names it.
using ExprPtr = std::shared_ptr<const Expr>;

/// A condition as a tree.
///
///   kAnd, kOr   two or more operands, evaluated left to right
///   kNot        one operand (repeated `not` is folded by the parser)
///   kCheck      `check`
///   kMacro      `macro`, a bare identifier; gone after rules::expand_macros
struct Expr {
  enum class Kind : std::uint8_t { kAnd, kOr, kNot, kCheck, kMacro };
  Kind kind = Kind::kCheck;
  std::vector<ExprPtr> operands;
  std::optional<Check> check;
  std::string macro;
  Place place;
};

/// The tree in one line, for tests and explanations:
/// "and{ka.verb = create not{ka.user.name in (a, b)}}".
[[nodiscard]] std::string to_text(const Expr& expr);
[[nodiscard]] std::string to_text(const Term& term);
/// The canonical form of one check, equal for checks that mean the same; used to
/// share predicates between rules.
[[nodiscard]] std::string to_text(const Check& check);

}  // namespace tiercel::condition
