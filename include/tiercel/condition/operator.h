#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "tiercel/base/error.h"
#include "tiercel/base/value.h"
#include "tiercel/condition/expr.h"

namespace tiercel::condition {

/// What stands right of an operator.
enum class OperandForm : std::uint8_t { kNone, kNumber, kSingle, kList };

/// Which shapes an operator takes on its left; a set of bits.
enum Accepts : std::uint8_t {
  kAcceptsText = 1,
  kAcceptsNumber = 2,
  kAcceptsBoolean = 4,
  kAcceptsList = 8,
};

/// What the rule index may conclude from an operator: kEqual, that the text, or every element of
/// a list, is one of its values; kSome, that some element is; kPrefix, that the text begins with
/// one of them; kPart, that it holds one of them.
enum class Indexable : std::uint8_t { kNo, kEqual, kSome, kPrefix, kPart };

/// A right-hand side prepared once, when the rules are compiled: a hash set for
/// `in`, an RE2 for `regex`, a component trie for `pmatch`, modifiers included.
/// Immutable; any thread.
class Matcher {
 public:
  Matcher() = default;
  Matcher(const Matcher&) = delete;
  Matcher& operator=(const Matcher&) = delete;
  virtual ~Matcher() = default;
  /// True when the check holds. An absent value never matches, whatever the
  /// operator (Falco: every check on an absent field is false).
  [[nodiscard]] virtual bool matches(const base::Value& left) const = 0;
};

/// One row of the language: syntax and meaning of an operator.
struct Operator {
  std::string_view name;
  OperandForm form = OperandForm::kSingle;
  std::uint8_t accepts = 0;
  bool takes_modifier = false;
  bool needs_blank = false;  ///< a word operator: a blank must follow
  bool takes_term = true;    ///< val(field) or a transformer may stand on its right
  Indexable indexable = Indexable::kNo;
  std::string_view since;
  std::string_view doc;
  /// The plain meaning, no preparation: does `left` (present) satisfy the operator
  /// with these values (one for kSingle and kNumber)? The naive evaluator calls it,
  /// and so does every check whose right side is read from the event.
  bool (*test)(const base::Value& left, std::span<const std::string_view> values) = nullptr;
  /// The same meaning with the values prepared (one for kSingle and kNumber), without
  /// a modifier. Call condition::prepare, which knows modifiers, instead.
  base::Result<std::unique_ptr<const Matcher>> (*prepare_values)(
      std::span<const std::string> values, base::ValueShape shape) = nullptr;
};

/// Every operator, in the order in which the parser tries them (longer first).
[[nodiscard]] std::span<const Operator> operators();
[[nodiscard]] const Operator* find_operator(std::string_view name);

/// Prepares the right side of a check. Fails with a sentence for the operator's
/// author (a regular expression that RE2 refuses, a number that is none).
/// REQUIRES: the operator accepts `shape` (see check_shape).
[[nodiscard]] base::Result<std::unique_ptr<const Matcher>> prepare(
    const Operator& op, Modifier modifier, std::span<const std::string> values,
    base::ValueShape shape);

/// Why `op` cannot be applied to a left side of this shape; empty when it can.
[[nodiscard]] std::string check_shape(const Operator& op, Modifier modifier,
                                      base::ValueShape shape);

/// Why val(field) or a transformer of shape `right` cannot stand right of `op`;
/// empty when it can. REQUIRES: check_shape allowed `left`.
[[nodiscard]] std::string check_term(const Operator& op, base::ValueShape left,
                                     base::ValueShape right);

/// The naive meaning of a whole check with constants, for the reference
/// evaluator: no prepared operand, modifiers by plain loops.
[[nodiscard]] bool naive_matches(const Operator& op, Modifier modifier, const base::Value& left,
                                 std::span<const std::string> values);

/// A check whose right side is another value of the same event (val(field) or a
/// transformer). False when either side is absent.
[[nodiscard]] bool compare(const Operator& op, const base::Value& left, const base::Value& right);

}  // namespace tiercel::condition
