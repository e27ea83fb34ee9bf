#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tiercel/api/cost_report.h"

namespace tiercel::app {

/// "1 rule", "1,200 rules".
[[nodiscard]] inline std::string counted(std::uint64_t number, std::string_view one) {
  return api::count_text(number) + " " + std::string(one) + (number == 1 ? "" : "s");
}

}  // namespace tiercel::app
