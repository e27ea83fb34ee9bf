#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "tiercel/audit/field_map.h"
#include "tiercel/base/text_table.h"

#include "demands.h"

namespace tiercel::engine {

/// The demands of one rule on text fields, with the fields' ids.
struct FieldDemand {
  audit::FieldId field{};
  Demand demand;
};
using RuleDemands = std::vector<FieldDemand>;

/// Many rules that stage, verb and resource do not tell apart, found by one more field each:
/// for every rule the field whose demanded texts the fewest other rules share. A rule that
/// demands nothing of any field, or only what most do, is a candidate always.
///
/// Runs on: made on the main thread; immutable afterwards, any thread.
class RuleSplit {
 public:
  /// Fewer rules are tried one after the other.
  static constexpr std::size_t kFewest = 24;

  /// Nothing where a split would not pay: few rules, or most of them would be tried anyway.
  [[nodiscard]] static std::unique_ptr<const RuleSplit> make(
      std::span<const std::uint32_t> rules, const std::vector<RuleDemands>& demands);

  /// Appends the rules that can match the event, in ascending order, each once.
  void find(audit::FieldMap& map, std::vector<std::uint32_t>& out) const;

 private:
  // Texts of one kind and the rules that each leads to.
  struct Postings {
    base::TextTable texts;
    std::vector<std::vector<std::uint32_t>> rules;  // by the text's number
    void add(const std::string& text, std::uint32_t rule);
    void find(std::string_view text, std::vector<std::uint32_t>& out) const;
  };
  struct Probe {
    audit::FieldId field{};
    Postings exact;
    Postings prefixes;
    std::vector<std::size_t> prefix_lengths;  // ascending
    void find(std::string_view text, std::vector<std::uint32_t>& out) const;
  };

  void limit_prefix_lengths(Probe& probe);

  std::vector<std::uint32_t> always_;
  std::vector<Probe> probes_;
};

}  // namespace tiercel::engine
