#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tiercel/base/error.h"
#include "tiercel/base/value.h"
#include "tiercel/condition/operator.h"

/// The makers of prepared operands (Operator::prepare_values), one for each meaning.
namespace tiercel::condition::matcher {

using Made = base::Result<std::unique_ptr<const Matcher>>;
using Texts = std::span<const std::string>;

// matchers.cpp
[[nodiscard]] Made exists(Texts values, base::ValueShape shape);
[[nodiscard]] Made equal(Texts values, base::ValueShape shape);
[[nodiscard]] Made different(Texts values, base::ValueShape shape);
[[nodiscard]] Made less(Texts values, base::ValueShape shape);
[[nodiscard]] Made at_most(Texts values, base::ValueShape shape);
[[nodiscard]] Made greater(Texts values, base::ValueShape shape);
[[nodiscard]] Made at_least(Texts values, base::ValueShape shape);
[[nodiscard]] Made glob(Texts values, base::ValueShape shape);
[[nodiscard]] Made iglob(Texts values, base::ValueShape shape);
[[nodiscard]] Made contains(Texts values, base::ValueShape shape);
[[nodiscard]] Made icontains(Texts values, base::ValueShape shape);
[[nodiscard]] Made starts_with(Texts values, base::ValueShape shape);
[[nodiscard]] Made ends_with(Texts values, base::ValueShape shape);
[[nodiscard]] Made regex(Texts values, base::ValueShape shape);
[[nodiscard]] Made never(Texts values, base::ValueShape shape);

// list_matchers.cpp
[[nodiscard]] Made in(Texts values, base::ValueShape shape);
[[nodiscard]] Made intersects(Texts values, base::ValueShape shape);
[[nodiscard]] Made pmatch(Texts values, base::ValueShape shape);
/// A text that is none of the values.
[[nodiscard]] Made not_in(Texts values);
/// A modifier over one prepared operand for each of its values.
[[nodiscard]] Made several(Modifier modifier, std::vector<std::unique_ptr<const Matcher>> operands);

}  // namespace tiercel::condition::matcher
