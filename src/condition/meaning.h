#pragma once

#include <span>
#include <string_view>

#include "tiercel/base/value.h"

/// The plain meanings of the operators (Operator::test): slow and obvious, no
/// preparation. `left` is present; a value of a kind that the operator does not take
/// gives false.
namespace tiercel::condition::meaning {

using Values = std::span<const std::string_view>;

[[nodiscard]] bool exists(const base::Value& left, Values values);
[[nodiscard]] bool equal(const base::Value& left, Values values);
[[nodiscard]] bool different(const base::Value& left, Values values);
[[nodiscard]] bool less(const base::Value& left, Values values);
[[nodiscard]] bool at_most(const base::Value& left, Values values);
[[nodiscard]] bool greater(const base::Value& left, Values values);
[[nodiscard]] bool at_least(const base::Value& left, Values values);
[[nodiscard]] bool glob(const base::Value& left, Values values);
[[nodiscard]] bool iglob(const base::Value& left, Values values);
[[nodiscard]] bool contains(const base::Value& left, Values values);
[[nodiscard]] bool icontains(const base::Value& left, Values values);
[[nodiscard]] bool starts_with(const base::Value& left, Values values);
[[nodiscard]] bool ends_with(const base::Value& left, Values values);
[[nodiscard]] bool regex(const base::Value& left, Values values);
[[nodiscard]] bool in(const base::Value& left, Values values);
[[nodiscard]] bool intersects(const base::Value& left, Values values);
[[nodiscard]] bool pmatch(const base::Value& left, Values values);
/// For operators that take no type at all.
[[nodiscard]] bool never(const base::Value& left, Values values);

}  // namespace tiercel::condition::meaning
