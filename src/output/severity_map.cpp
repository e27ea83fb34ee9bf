#include "severity_map.h"

#include <algorithm>
#include <utility>

#include "tiercel/base/priority.h"

namespace tiercel::output {

base::Result<Severities> mapped_severities(const config::TextPairs& map, Severities usual,
                                           std::span<const std::string_view> known) {
  for (const auto& [name, severity] : map) {
    const auto priority = base::parse_priority(name);
    const bool is_known =
        known.empty() || std::find(known.begin(), known.end(), severity) != known.end();
    if (!priority || !is_known) {
      std::string list;
      for (const std::string_view one : known) {
        list.append(list.empty() ? " with one of " : ", ").append(one);
      }
      std::string entry = name;
      return base::Error{"bad_severity_map", "severity_map takes priorities" + list,
                         entry.append(": ").append(severity)};
    }
    usual[static_cast<std::size_t>(*priority)] = severity;
  }
  return base::Result<Severities>(boost::system::in_place_value, std::move(usual));
}

}  // namespace tiercel::output
