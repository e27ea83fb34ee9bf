#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "tiercel/audit/field_map.h"

#include "demands.h"
#include "part_search.h"

namespace tiercel::engine {

/// A demand of one rule on a text field, with the field's id.
struct FieldDemand {
  audit::FieldId field{};
  Demand demand;
};
/// Of one rule.
using RuleDemands = std::vector<FieldDemand>;

/// The parts that rules demand of one field, and the rules that name each. One for all lists of the
/// rule index: rules about any verb and resource stand in most of them.
///
/// Runs on: made on the main thread; immutable afterwards, any thread.
class PartIndex {
 public:
  using ByField = std::map<audit::FieldId, std::shared_ptr<const PartIndex>>;
  /// Bytes of parts, and so states of their searches; some 17 MB in all.
  static constexpr std::size_t kMostBytes = std::size_t{1} << 20U;

  /// Of all fields. Takes out of `demands` those with parts that go beyond `most_bytes`: such a
  /// rule is found by what else it demands, or tried always.
  [[nodiscard]] static ByField make(std::vector<RuleDemands>& demands,
                                    std::size_t most_bytes = kMostBytes);

  explicit PartIndex(const std::map<std::string, std::vector<std::uint32_t>>& rules_of_parts);

  [[nodiscard]] const PartSearch& search() const { return search_; }
  /// Of the part that the search gives the number.
  [[nodiscard]] const std::vector<std::uint32_t>& rules_of(std::uint32_t part) const {
    return rules_[part];
  }
  [[nodiscard]] std::size_t size() const { return rules_.size(); }

 private:
  PartSearch search_;
  std::vector<std::vector<std::uint32_t>> rules_;
};

}  // namespace tiercel::engine
