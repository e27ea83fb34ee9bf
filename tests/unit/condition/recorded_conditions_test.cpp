// What Falco answered about conditions (tests/data/conformance): those that it loads
// must parse, and those that it refuses for their syntax must be refused.

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tiercel/condition/operator.h"
#include "tiercel/condition/parser.h"

namespace tiercel::condition {
namespace {

std::vector<nlohmann::json> read_lines(const std::string& name) {
  std::ifstream file(std::string(TIERCEL_TEST_DATA) + "/conformance/" + name);
  std::vector<nlohmann::json> lines;
  for (std::string line; std::getline(file, line);) {
    lines.push_back(nlohmann::json::parse(line));
  }
  EXPECT_FALSE(lines.empty()) << name;
  return lines;
}

// Constants of every check without a right-hand field must prepare as texts where the
// operator takes texts; types are the engine's.
void expect_prepares(const Expr& expr) {
  for (const ExprPtr& operand : expr.operands) {
    expect_prepares(*operand);
  }
  if (!expr.check || expr.check->right) {
    return;
  }
  std::vector<std::string> values;
  for (const Constant& constant : expr.check->values) {
    values.push_back(constant.text);
  }
  const auto matcher = prepare(*expr.check->op, expr.check->modifier, values, {});
  EXPECT_TRUE(matcher.has_value()) << to_text(*expr.check);
}

TEST(RecordedConditions, ParseWhenFalcoLoadsThem) {
  for (const nlohmann::json& line : read_lines("conditions.jsonl")) {
    const std::string condition = line.at("condition");
    const ParseResult result = parse(condition);
    ASSERT_NE(result.tree, nullptr) << line.at("id") << " " << condition << "\n"
                                    << result.error.message;
    expect_prepares(*result.tree);
  }
}

TEST(RecordedConditions, AreRefusedWhenFalcoRefusesTheirSyntax) {
  std::size_t refused = 0;
  std::size_t of_types = 0;
  for (const nlohmann::json& line : read_lines("rejected.jsonl")) {
    const std::string condition = line.at("condition");
    const std::string message = line.at("message");
    const ParseResult result = parse(condition);
    if (message.starts_with("filter error:")) {
      // The operator does not fit the field's type, which the engine knows.
      EXPECT_NE(result.tree, nullptr) << condition << "\n" << result.error.message;
      ++of_types;
      continue;
    }
    EXPECT_EQ(result.tree, nullptr) << line.at("id") << " " << condition;
    ++refused;
  }
  EXPECT_EQ(refused, 114U);
  EXPECT_EQ(of_types, 55U);
}

}  // namespace
}  // namespace tiercel::condition
