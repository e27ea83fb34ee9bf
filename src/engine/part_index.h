#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
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

/// The parts by which rules are found in texts of one field, and the rules of each.
///
/// Runs on: made on the main thread; immutable afterwards, any thread.
class PartIndex {
 public:
  void add(const std::string& part, std::uint32_t rule) { made_of_[part].insert(rule); }
  /// Before it is asked, once; nothing can be added afterwards.
  void finish();

  [[nodiscard]] const PartSearch& search() const { return search_; }
  /// Of the part that the search gives the number.
  [[nodiscard]] const std::vector<std::uint32_t>& rules_of(std::uint32_t part) const {
    return rules_[part];
  }
  [[nodiscard]] std::size_t size() const { return rules_.size(); }

 private:
  std::map<std::string, std::set<std::uint32_t>> made_of_;
  PartSearch search_;
  std::vector<std::vector<std::uint32_t>> rules_;
};

/// Of each field one for all lists of the rule index: rules about any verb and resource stand in
/// most of them. Only rules that a list finds by a part are added, so that an event which holds a
/// part makes no candidates of those that are found by something rarer.
///
/// Runs on: the main thread, while the rule index is made.
class PartIndexes {
 public:
  /// Bytes of parts, and so states of their searches; some 17 MB in all.
  static constexpr std::size_t kMostBytes = std::size_t{1} << 20U;

  /// Takes out of `demands`, which have to stay, those with parts that go beyond `most_bytes`: such
  /// a rule is found by what else it demands, or tried always.
  explicit PartIndexes(std::vector<RuleDemands>& demands, std::size_t most_bytes = kMostBytes);

  /// How many rules, of all lists, demand the part: so many are candidates at most where a text
  /// holds it.
  [[nodiscard]] std::size_t count(audit::FieldId field, std::string_view part) const;
  /// Lets the rule be found by the parts of a demand.
  [[nodiscard]] std::shared_ptr<const PartIndex> add(const FieldDemand& one, std::uint32_t rule);
  /// When all were added.
  void finish();

 private:
  // The texts are the demands'.
  std::map<audit::FieldId, std::unordered_map<std::string_view, std::size_t>> counts_;
  std::map<audit::FieldId, std::shared_ptr<PartIndex>> indexes_;
};

}  // namespace tiercel::engine
