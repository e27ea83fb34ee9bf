// Prepared operands against the plain meanings, and what matching costs.

#include <cstdlib>
#include <new>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tiercel/condition/operator.h"

namespace {
std::size_t allocations = 0;
}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  void* const memory = std::malloc(size);
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }

namespace tiercel::condition {
namespace {

using base::Value;
using base::ValueShape;
using base::ValueType;

constexpr std::string_view kTexts[] = {
    "",      "a",    "A",    "ab",       "aB",     "abc",  "b",     "1",    "2",
    "10",    "-1",   "+1",   "0x1",      "1.5",    "true", "false", "null", "<NA>",
    "/",     "/a",   "a/b",  "/a/*",     "/?/b",   "*",    "a*",    "*b",   "[ab]",
    "[!a]*", "[a",   "a\\",  "\\*",      "??",     "a.b",  "a.*",   "^a$",  "(a|b)",
    "(",     "a{2}", "\xFF", "\xC3\xA9", "a\xFFz", "\n",   "a\nb",  " ",    "system:masters",
};

class Agreement : public testing::Test {
 protected:
  std::string_view pick() { return kTexts[random_() % std::size(kTexts)]; }

  std::vector<std::string> pick_values(const Operator& op, Modifier modifier) {
    const bool several = op.form == OperandForm::kList || modifier != Modifier::kNone;
    std::size_t count = op.form == OperandForm::kNone ? 0 : 1;
    if (several) {
      count = random_() % 5 == 0 ? 9 + random_() % 9 : random_() % 5;
    }
    std::vector<std::string> values;
    for (std::size_t at = 0; at < count; ++at) {
      values.emplace_back(pick());
    }
    return values;
  }

  static constexpr unsigned kSeed = 42;
  std::mt19937 random_{kSeed};
};

TEST_F(Agreement, HoldsOnRandomValues) {
  SCOPED_TRACE(kSeed);
  const ValueShape shapes[] = {{ValueType::kText, false},
                               {ValueType::kUnsigned, false},
                               {ValueType::kBoolean, false},
                               {ValueType::kTime, false},
                               {ValueType::kText, true}};
  const Modifier modifiers[] = {Modifier::kNone, Modifier::kNone, Modifier::kOneOf,
                                Modifier::kAnyOf, Modifier::kAllOf};
  std::size_t compared = 0;
  std::size_t matched = 0;
  for (int round = 0; round < 40'000; ++round) {
    const Operator& op = operators()[random_() % operators().size()];
    const Modifier modifier = modifiers[random_() % std::size(modifiers)];
    const ValueShape shape = shapes[random_() % std::size(shapes)];
    if (!check_shape(op, modifier, shape).empty()) {
      continue;
    }
    const std::vector<std::string> values = pick_values(op, modifier);
    const auto matcher = prepare(op, modifier, values, shape);
    if (!matcher) {
      continue;
    }
    for (int count = 0; count < 4; ++count) {
      const std::string_view elements[] = {pick(), pick(), pick()};
      Value left = Value::text(elements[0]);
      if (shape.is_list) {
        left = Value::list({elements, 1 + random_() % 3});
      } else if (shape.type == ValueType::kBoolean) {
        left = Value::boolean(random_() % 2 == 0);
      } else if (shape.type != ValueType::kText) {
        left = Value::number(random_() % 8 == 0 ? ~0ULL : random_() % 12);
      }
      const bool holds = (*matcher)->matches(left);
      std::string printed;
      for (const std::string& value : values) {
        printed += "<" + value + ">";
      }
      ASSERT_EQ(holds, naive_matches(op, modifier, left, values))
          << op.name << " " << static_cast<int>(modifier) << " on " << elements[0] << " with "
          << printed;
      ++compared;
      matched += holds ? 1U : 0U;
    }
  }
  EXPECT_GT(compared, 20'000U);
  EXPECT_GT(matched, 2'000U);
}

TEST_F(Agreement, AllocatesNothingWhenMatching) {
  const std::string long_text(3000, 'x');
  const std::string_view elements[] = {"a-text-that-fits-no-small-buffer-at-all", "b", long_text};
  for (const Operator& op : operators()) {
    if (op.name == "regex") {
      continue;  // RE2 builds its automaton while it matches
    }
    for (const Modifier modifier : {Modifier::kNone, Modifier::kAnyOf, Modifier::kAllOf}) {
      for (const ValueShape shape :
           {ValueShape{ValueType::kText, false}, ValueShape{ValueType::kText, true}}) {
        if (!check_shape(op, modifier, shape).empty()) {
          continue;
        }
        const bool one = op.form != OperandForm::kList && modifier == Modifier::kNone;
        std::vector<std::string> values{"a-text-that-fits-no-small-buffer*"};
        for (int count = 0; count < 20 && !one; ++count) {
          values.push_back("/a-text-that-fits-no-small-buffer?/" + std::to_string(count));
        }
        const auto matcher = prepare(op, modifier, values, shape);
        ASSERT_TRUE(matcher.has_value());
        const Value left = shape.is_list ? Value::list(elements) : Value::text(elements[0]);
        const std::size_t before = allocations;
        const bool first = (*matcher)->matches(left);
        const bool second = (*matcher)->matches(shape.is_list ? left : Value::text(long_text));
        EXPECT_EQ(allocations, before) << op.name << first << second;
      }
    }
  }
}

}  // namespace
}  // namespace tiercel::condition
