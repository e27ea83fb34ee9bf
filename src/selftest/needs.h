#pragma once

#include <compare>
#include <map>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "tiercel/condition/expr.h"

namespace tiercel::selftest {

struct FieldKey {
  std::string name;
  std::string argument;
  // NOLINTNEXTLINE(modernize-use-nullptr): what is compared with 0 is the order, no pointer.
  friend auto operator<=>(const FieldKey&, const FieldKey&) = default;
};

/// What one way through a condition wants of one field.
struct Need {
  std::vector<std::string> equals;  ///< of a list field all of them are its elements
  std::string prefix;
  std::string suffix;
  std::vector<std::string> contains;
  std::vector<std::string> usual;  ///< of a field that every event has: what may be there
  bool has_usual = false;          ///< `usual` is known, though nothing may be left of it
  bool must_exist = false;
  bool must_be_absent = false;

  /// The text that fulfils it; nothing where any will do.
  [[nodiscard]] std::optional<std::string> text() const;
};

using Needs = std::map<FieldKey, Need>;

/// Where a condition has alternatives (an `or`, several values) one is taken: the first, or one by
/// chance.
class Choices {
 public:
  /// `seed` 0: always the first.
  explicit Choices(unsigned seed) : is_first_(seed == 0), random_(seed) {}
  [[nodiscard]] std::size_t of(std::size_t count) {
    return is_first_ || count < 2 ? 0 : random_() % count;
  }

 private:
  bool is_first_;
  std::mt19937 random_;
};

/// The needs of one way through `condition`, and of one past each of `against`. A check that
/// nothing can be done for (a transformer without a way back) asks for nothing: whether it holds by
/// itself the evaluator says.
[[nodiscard]] Needs needs_of(const condition::Expr& condition,
                             std::span<const condition::Expr* const> against, Choices& choices);
/// Whether nothing can satisfy it, by the idioms that Falco's rules switch others off with: that
/// the event's time is 0, or is absent, is among what must hold.
[[nodiscard]] bool is_switched_off(const condition::Expr& condition);

}  // namespace tiercel::selftest
