#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/condition/expr.h"
#include "tiercel/rules/codes.h"

namespace tiercel::rules {

/// Something a condition's author probably did not mean.
struct Advice {
  Code code;
  condition::Place place;
  std::string message;
  std::vector<std::string> notes;
};

/// The warnings of 2.12 of Falco's compiler and ours, for a whole expanded tree.
/// `is_field` may be empty.
[[nodiscard]] std::vector<Advice> advise(const condition::Expr& tree,
                                         const std::function<bool(std::string_view)>& is_field);

}  // namespace tiercel::rules
