#include "part_index.h"

#include <utility>

namespace tiercel::engine {

void PartIndex::finish() {
  std::vector<std::string> parts;
  parts.reserve(made_of_.size());
  rules_.reserve(made_of_.size());
  for (const auto& [part, rules] : made_of_) {
    parts.push_back(part);
    rules_.emplace_back(rules.begin(), rules.end());
  }
  search_ = PartSearch(parts);
  made_of_ = {};
}

PartIndexes::PartIndexes(std::vector<RuleDemands>& demands, std::size_t most_bytes) {
  std::size_t bytes = 0;
  // False where they go beyond the limit; parts that stand there already cost nothing.
  const auto take = [&](const FieldDemand& one) {
    auto& of_field = counts_[one.field];
    std::size_t more = 0;
    for (const std::string& part : one.demand.parts) {
      more += of_field.contains(part) ? 0 : part.size();
    }
    if (more > most_bytes - bytes) {
      return false;
    }
    bytes += more;
    for (const std::string& part : one.demand.parts) {
      ++of_field[part];
    }
    return true;
  };
  for (RuleDemands& of_rule : demands) {
    // The texts that are counted stand in nodes of sets, and stay where they are.
    for (std::size_t at = 0; at < of_rule.size();) {
      if (of_rule[at].demand.parts.empty() || take(of_rule[at])) {
        ++at;
      } else {
        of_rule.erase(of_rule.begin() + static_cast<std::ptrdiff_t>(at));
      }
    }
  }
}

std::size_t PartIndexes::count(audit::FieldId field, std::string_view part) const {
  const auto of_field = counts_.find(field);
  if (of_field == counts_.end()) {
    return 0;
  }
  const auto found = of_field->second.find(part);
  return found == of_field->second.end() ? 0 : found->second;
}

std::shared_ptr<const PartIndex> PartIndexes::add(const FieldDemand& one, std::uint32_t rule) {
  std::shared_ptr<PartIndex>& index = indexes_[one.field];
  if (index == nullptr) {
    index = std::make_shared<PartIndex>();
  }
  for (const std::string& part : one.demand.parts) {
    index->add(part, rule);
  }
  return index;
}

void PartIndexes::finish() {
  for (const auto& [field, index] : indexes_) {
    index->finish();
  }
}

}  // namespace tiercel::engine
