#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "tiercel/condition/expr.h"

namespace tiercel::engine {

/// A rule's condition as a flat list of tests. Each instruction names a predicate
/// and where to go on either answer; `and`, `or` and `not` are only jumps. A
/// condition of n checks has n instructions, and short-circuits left to right.
///
///   ka.verb = create and not ka.user.name in (a, b)
///     0: predicate 3  true→1         false→kNoMatch
///     1: predicate 7  true→kNoMatch  false→kMatch
///
/// INVARIANT: jumps go forward only, so execution ends after n steps at the most.
class Program {
 public:
  static constexpr std::uint32_t kMatch = 0xFFFFFFFFU;
  static constexpr std::uint32_t kNoMatch = 0xFFFFFFFEU;

  struct Instruction {
    std::uint32_t predicate;
    std::uint32_t on_true;
    std::uint32_t on_false;
  };
  /// Which predicate stands for a check of the tree.
  using PredicateOf = std::unordered_map<const condition::Expr*, std::uint32_t>;

  /// REQUIRES: every kCheck node under `root` is a key of `predicates`.
  static Program compile(const condition::Expr& root, const PredicateOf& predicates);

  /// `holds(predicate)` answers for the current event.
  template <class Holds>
  [[nodiscard]] bool matches(Holds&& holds) const {
    std::uint32_t at = start_;
    const Instruction* const instructions = instructions_.data();
    while (at < kNoMatch) {
      const Instruction& instruction = instructions[at];
      at = holds(instruction.predicate) ? instruction.on_true : instruction.on_false;
    }
    return at == kMatch;
  }
  [[nodiscard]] const std::vector<Instruction>& instructions() const { return instructions_; }

 private:
  std::uint32_t add(const condition::Expr& expr, const PredicateOf& predicates,
                    std::uint32_t on_true, std::uint32_t on_false);

  // Built from the last check to the first; compile() turns it round.
  std::vector<Instruction> instructions_;
  std::uint32_t start_ = kNoMatch;
};

}  // namespace tiercel::engine
