#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

#include "matchers.h"
#include "meaning.h"

namespace tiercel::condition {

base::Result<std::unique_ptr<const Matcher>> prepare(const Operator& op, Modifier modifier,
                                                     std::span<const std::string> values,
                                                     base::ValueShape shape) {
  if (modifier == Modifier::kNone) {
    return op.prepare_values(values, shape);
  }
  if (values.empty()) {
    return matcher::never(values, shape);
  }
  if (values.size() == 1) {
    return op.prepare_values(values, shape);
  }
  if (op.test == &meaning::equal && modifier == Modifier::kAnyOf) {
    return matcher::in(values, shape);
  }
  if (op.test == &meaning::different && modifier == Modifier::kAllOf) {
    return matcher::not_in(values);
  }
  std::vector<std::unique_ptr<const Matcher>> operands;
  for (const std::string& value : values) {
    auto operand = op.prepare_values({&value, 1}, shape);
    if (!operand) {
      return operand;
    }
    operands.push_back(std::move(*operand));
  }
  return matcher::several(modifier, std::move(operands));
}

bool naive_matches(const Operator& op, Modifier modifier, const base::Value& left,
                   std::span<const std::string> values) {
  if (left.is_absent()) {
    return false;
  }
  const std::vector<std::string_view> views(values.begin(), values.end());
  if (modifier == Modifier::kNone) {
    return op.test(left, views);
  }
  std::size_t found = 0;
  for (const std::string_view view : views) {
    found += op.test(left, {&view, 1}) ? 1U : 0U;
  }
  switch (modifier) {
    case Modifier::kOneOf:
      return found == 1;
    case Modifier::kAllOf:
      return found == views.size() && found != 0;
    case Modifier::kAnyOf:
    case Modifier::kNone:
      break;
  }
  return found != 0;
}

namespace {

// Both sides come from an event and may be long: sorted, not element by element.
bool compare_lists(const Operator& op, std::span<const std::string_view> left,
                   std::span<const std::string_view> right) {
  std::vector<std::string_view> known(right.begin(), right.end());
  std::sort(known.begin(), known.end());
  const auto is_known = [&known](std::string_view element) {
    return std::binary_search(known.begin(), known.end(), element);
  };
  if (op.test == &meaning::in) {
    return std::all_of(left.begin(), left.end(), is_known);
  }
  return op.test == &meaning::intersects && std::any_of(left.begin(), left.end(), is_known);
}

// A pattern that an event brings along is no rule author's; its cost must be bounded.
constexpr std::size_t kLongestForeignGlob = 1024;

}  // namespace

bool compare(const Operator& op, const base::Value& left, const base::Value& right) {
  if (left.is_absent() || right.is_absent() || left.kind() != right.kind()) {
    return false;
  }
  if (left.is_list()) {
    return compare_lists(op, left.as_list(), right.as_list());
  }
  std::array<char, 24> digits;
  std::string_view text;
  switch (right.kind()) {
    case base::Value::Kind::kText:
      text = right.as_text();
      break;
    case base::Value::Kind::kNumber: {
      const auto end =
          std::to_chars(digits.data(), digits.data() + digits.size(), right.as_number()).ptr;
      text = {digits.data(), static_cast<std::size_t>(end - digits.data())};
      break;
    }
    case base::Value::Kind::kBoolean:
      text = right.as_boolean() ? "true" : "false";
      break;
    case base::Value::Kind::kAbsent:
    case base::Value::Kind::kList:
      return false;
  }
  const bool is_glob = op.test == &meaning::glob || op.test == &meaning::iglob;
  if (is_glob && text.size() > kLongestForeignGlob) {
    // DIFFERS FROM FALCO: a glob of more than 1 KiB read from the event matches nothing.
    return false;
  }
  return op.test(left, {&text, 1});
}

}  // namespace tiercel::condition
