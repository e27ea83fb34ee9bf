#pragma once

#include <string>
#include <vector>

#include "tiercel/condition/expr.h"

#include "facts.h"
#include "rule_view.h"

namespace tiercel::analyse {

/// The answer of one check to what is known of its left side.
[[nodiscard]] Tri check_text(const Known& known, const condition::Check& check,
                             const std::vector<std::string>& values);
[[nodiscard]] Tri check_groups(const Facts& facts, const condition::Check& check,
                               const std::vector<std::string>& values);
/// Of the event's time, which is always there and never 0.
[[nodiscard]] Tri check_time(const condition::Check& check, const std::vector<std::string>& values);

/// Whether kube-apiserver tells the beginning of the answer apart from its end (ResponseStarted):
/// of requests that last.
[[nodiscard]] bool lasts(const Facts& facts);
/// False where requests of this kind have no such body whatever is recorded.
[[nodiscard]] bool can_exist(const BodyField& field, const Facts& facts);
/// True where the field may be there and is not recorded.
[[nodiscard]] bool is_missing(const BodyField& field, const Facts& facts, const Recorded& recorded);

}  // namespace tiercel::analyse
