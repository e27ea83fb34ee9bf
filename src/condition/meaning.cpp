#include "meaning.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "glob.h"
#include "path_patterns.h"
#include "regular_expression.h"
#include "text_search.h"

namespace tiercel::condition::meaning {

namespace {

using base::Value;
using Kind = base::Value::Kind;

// Texts compare by their bytes, numbers by size.
template <class Order>
bool ordered(const Value& left, Values values, Order order) {
  if (left.is_text()) {
    return order(left.as_text().compare(values.front()), 0);
  }
  if (left.kind() == Kind::kNumber) {
    const std::optional<std::uint64_t> right = parse_unsigned(values.front());
    return right && order(left.as_number(), *right);
  }
  return false;
}

bool same(const Value& left, std::string_view right) {
  switch (left.kind()) {
    case Kind::kText:
      return left.as_text() == right;
    case Kind::kNumber:
      return parse_unsigned(right) == left.as_number();
    case Kind::kBoolean:
      return right == (left.as_boolean() ? "true" : "false");
    case Kind::kAbsent:
    case Kind::kList:
      break;
  }
  return false;
}

bool is_one_of(const Value& left, Values values) {
  return std::any_of(values.begin(), values.end(),
                     [&left](std::string_view value) { return same(left, value); });
}

bool path_has_prefix(std::string_view path, std::string_view pattern) {
  for (std::string_view part = take_component(pattern); !part.empty();
       part = take_component(pattern)) {
    const std::string_view component = take_component(path);
    const bool fits = has_glob_bytes(part) ? Glob(part).matches(component) : part == component;
    if (component.empty() || !fits) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool exists(const Value& left, Values /*values*/) { return !left.is_absent(); }

bool equal(const Value& left, Values values) { return same(left, values.front()); }

bool different(const Value& left, Values values) {
  switch (left.kind()) {
    case Kind::kText:
      return left.as_text() != values.front();
    case Kind::kNumber: {
      const std::optional<std::uint64_t> right = parse_unsigned(values.front());
      return right && *right != left.as_number();
    }
    case Kind::kBoolean:
      return values.front() == (left.as_boolean() ? "false" : "true");
    case Kind::kAbsent:
    case Kind::kList:
      break;
  }
  return false;
}

bool less(const Value& left, Values values) { return ordered(left, values, std::less<>{}); }

bool at_most(const Value& left, Values values) {
  return ordered(left, values, std::less_equal<>{});
}

bool greater(const Value& left, Values values) { return ordered(left, values, std::greater<>{}); }

bool at_least(const Value& left, Values values) {
  return ordered(left, values, std::greater_equal<>{});
}

bool glob(const Value& left, Values values) {
  return left.is_text() && Glob(values.front()).matches(left.as_text());
}

bool iglob(const Value& left, Values values) {
  return left.is_text() && Glob(values.front(), Case::kFolded).matches(left.as_text());
}

bool contains(const Value& left, Values values) {
  return left.is_text() && condition::contains(left.as_text(), values.front());
}

bool icontains(const Value& left, Values values) {
  return left.is_text() && condition::contains(folded(left.as_text()), folded(values.front()));
}

bool starts_with(const Value& left, Values values) {
  return left.is_text() && left.as_text().starts_with(values.front());
}

bool ends_with(const Value& left, Values values) {
  return left.is_text() && left.as_text().ends_with(values.front());
}

bool regex(const Value& left, Values values) {
  if (!left.is_text()) {
    return false;
  }
  const auto compiled = RegularExpression::make(values.front());
  return compiled.has_value() && compiled->matches(left.as_text());
}

bool in(const Value& left, Values values) {
  if (!left.is_list()) {
    return is_one_of(left, values);
  }
  const auto elements = left.as_list();
  return std::all_of(elements.begin(), elements.end(), [&](std::string_view element) {
    return is_one_of(Value::text(element), values);
  });
}

bool intersects(const Value& left, Values values) {
  if (!left.is_list()) {
    return is_one_of(left, values);
  }
  const auto elements = left.as_list();
  return std::any_of(elements.begin(), elements.end(), [&](std::string_view element) {
    return is_one_of(Value::text(element), values);
  });
}

bool pmatch(const Value& left, Values values) {
  return left.is_text() && std::any_of(values.begin(), values.end(), [&](std::string_view pattern) {
           return path_has_prefix(left.as_text(), pattern);
         });
}

bool never(const Value& /*left*/, Values /*values*/) { return false; }

}  // namespace tiercel::condition::meaning
