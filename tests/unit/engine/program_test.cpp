#include "program.h"

#include <functional>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "tiercel/condition/parser.h"

namespace tiercel::engine {
namespace {

// Numbers the checks of a tree in reading order; equal fields share a number, so that
// "ka.a exists" is one predicate wherever it stands.
void number_checks(const condition::Expr& expr, Program::PredicateOf& predicates,
                   std::map<std::string, std::uint32_t>& numbers) {
  if (expr.check) {
    const auto number = static_cast<std::uint32_t>(numbers.size());
    predicates[&expr] = numbers.try_emplace(expr.check->left.name, number).first->second;
  }
  for (const auto& operand : expr.operands) {
    number_checks(*operand, predicates, numbers);
  }
}

bool naive(const condition::Expr& expr, const std::function<bool(const std::string&)>& holds) {
  using Kind = condition::Expr::Kind;
  switch (expr.kind) {
    case Kind::kNot:
      return !naive(*expr.operands[0], holds);
    case Kind::kAnd:
    case Kind::kOr: {
      for (const auto& operand : expr.operands) {
        if (naive(*operand, holds) != (expr.kind == Kind::kAnd)) {
          return expr.kind == Kind::kOr;
        }
      }
      return expr.kind == Kind::kAnd;
    }
    default:
      return holds(expr.check->left.name);
  }
}

TEST(Program, AgreesWithTheTreeForEveryAssignment) {
  for (const std::string condition :
       {"ka.a exists", "not ka.a exists", "ka.a exists and ka.b exists",
        "ka.a exists or ka.b exists and ka.c exists",
        "not (ka.a exists or ka.b exists) and not ka.c exists",
        "(ka.a exists and (ka.b exists or not ka.c exists)) or (ka.d exists and not ka.a exists)",
        "not (not (ka.a exists and ka.b exists) or (ka.c exists and not (ka.d exists or ka.a "
        "exists)))"}) {
    const auto parsed = condition::parse(condition);
    ASSERT_NE(parsed.tree, nullptr) << parsed.error.message;
    Program::PredicateOf predicates;
    std::map<std::string, std::uint32_t> numbers;
    number_checks(*parsed.tree, predicates, numbers);
    const Program program = Program::compile(*parsed.tree, predicates);
    for (std::uint32_t bits = 0; bits < 16; ++bits) {
      const auto bit = [bits](std::uint32_t number) { return (bits >> number & 1U) != 0; };
      EXPECT_EQ(program.matches(bit),
                naive(*parsed.tree, [&](const std::string& name) { return bit(numbers.at(name)); }))
          << condition << " with " << bits;
    }
  }
}

TEST(Program, JumpsForwardOnlyAndAsksNoMoreThanItMust) {
  const auto parsed =
      condition::parse("(ka.a exists or ka.b exists) and ka.c exists and not ka.d exists");
  Program::PredicateOf predicates;
  std::map<std::string, std::uint32_t> numbers;
  number_checks(*parsed.tree, predicates, numbers);
  const Program program = Program::compile(*parsed.tree, predicates);
  ASSERT_EQ(program.instructions().size(), 4U);
  for (std::uint32_t at = 0; at < program.instructions().size(); ++at) {
    EXPECT_GT(program.instructions()[at].on_true, at);
    EXPECT_GT(program.instructions()[at].on_false, at);
  }
  std::string asked;
  (void)program.matches([&](std::uint32_t number) {
    asked += std::to_string(number);
    return number == 0;
  });
  EXPECT_EQ(asked, "02") << "a holds, so b is not asked; c fails, so d is not";
}

}  // namespace
}  // namespace tiercel::engine
