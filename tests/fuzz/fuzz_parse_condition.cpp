// Any bytes as a condition: the parser ends, what it accepts prints, and for every
// check with constants the prepared operand answers as the plain meaning does.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/condition/operator.h"
#include "tiercel/condition/parser.h"

namespace {

using tiercel::base::Value;
using tiercel::base::ValueShape;
using tiercel::base::ValueType;
namespace condition = tiercel::condition;

void compare_meanings(const condition::Check& check, const Value& left, ValueShape shape) {
  std::vector<std::string> values;
  for (const condition::Constant& constant : check.values) {
    values.push_back(constant.text);
  }
  if (!condition::check_shape(*check.op, check.modifier, shape).empty()) {
    return;
  }
  const auto matcher = condition::prepare(*check.op, check.modifier, values, shape);
  if (matcher && (*matcher)->matches(left) !=
                     condition::naive_matches(*check.op, check.modifier, left, values)) {
    std::abort();
  }
}

void walk(const condition::Expr& expr, std::string_view text) {
  for (const condition::ExprPtr& operand : expr.operands) {
    walk(*operand, text);
  }
  if (expr.check && !expr.check->right) {
    const std::string_view elements[] = {text, "create"};
    compare_meanings(*expr.check, Value::text(text), {ValueType::kText, false});
    compare_meanings(*expr.check, Value::list(elements), {ValueType::kText, true});
    compare_meanings(*expr.check, Value::number(text.size()), {ValueType::kUnsigned, false});
    compare_meanings(*expr.check, Value::boolean(true), {ValueType::kBoolean, false});
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const condition::ParseResult result = condition::parse(text);
  const bool sound = result.tree == nullptr
                         ? result.error.place.offset <= size && !result.error.message.empty()
                         : !condition::to_text(*result.tree).empty();
  if (!sound) {
    std::abort();
  }
  if (result.tree == nullptr) {
    return 0;
  }
  // The first line stands for the event's value too.
  walk(*result.tree, text.substr(0, text.find('\n')));
  return 0;
}
