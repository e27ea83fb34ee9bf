#include "part_index.h"

#include <algorithm>
#include <string>
#include <utility>

namespace tiercel::engine {

PartIndex::PartIndex(const std::map<std::string, std::vector<std::uint32_t>>& rules_of_parts) {
  std::vector<std::string> parts;
  parts.reserve(rules_of_parts.size());
  rules_.reserve(rules_of_parts.size());
  for (const auto& [part, rules] : rules_of_parts) {
    parts.push_back(part);
    rules_.push_back(rules);
  }
  search_ = PartSearch(parts);
}

PartIndex::ByField PartIndex::make(std::vector<RuleDemands>& demands, std::size_t most_bytes) {
  std::map<audit::FieldId, std::map<std::string, std::vector<std::uint32_t>>> parts;
  std::size_t bytes = 0;
  // False where they go beyond the limit; parts that stand there already cost nothing.
  const auto add = [&](std::uint32_t rule, const FieldDemand& one) {
    auto& of_field = parts[one.field];
    std::size_t more = 0;
    for (const std::string& part : one.demand.parts) {
      more += of_field.contains(part) ? 0 : part.size();
    }
    if (more > most_bytes - bytes) {
      return false;
    }
    bytes += more;
    for (const std::string& part : one.demand.parts) {
      of_field[part].push_back(rule);
    }
    return true;
  };
  for (std::uint32_t rule = 0; rule < demands.size(); ++rule) {
    RuleDemands& of_rule = demands[rule];
    of_rule.erase(std::remove_if(of_rule.begin(), of_rule.end(),
                                 [&](const FieldDemand& one) {
                                   return !one.demand.parts.empty() && !add(rule, one);
                                 }),
                  of_rule.end());
  }
  ByField indexes;
  for (const auto& [field, rules_of_parts] : parts) {
    if (!rules_of_parts.empty()) {
      indexes.emplace(field, std::make_shared<const PartIndex>(rules_of_parts));
    }
  }
  return indexes;
}

}  // namespace tiercel::engine
