#include "tiercel/base/priority.h"

#include <algorithm>

namespace tiercel::base {

namespace {
bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}
}  // namespace

std::optional<Priority> parse_priority(std::string_view name) {
  if (equal_ignoring_case(name, "info")) {
    return Priority::kInformational;
  }
  for (std::size_t at = 0; at < kPriorityNames.size(); ++at) {
    if (equal_ignoring_case(name, kPriorityNames[at])) {
      return static_cast<Priority>(at);
    }
  }
  return std::nullopt;
}

}  // namespace tiercel::base
