#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "tiercel/audit/field_map.h"
#include "tiercel/base/text_table.h"

#include "part_index.h"

namespace tiercel::engine {

/// Brings them into ascending order, each once.
void keep_once(std::vector<std::uint32_t>& numbers);

/// Many rules that stage, verb and resource do not tell apart, found by one more field each:
/// for every rule the field whose demanded texts the fewest other rules share. A rule that
/// demands nothing of any field, or only what most do, is a candidate always.
///
/// Runs on: made on the main thread; immutable afterwards, any thread.
class RuleSplit {
 public:
  /// Fewer rules are tried one after the other.
  static constexpr std::size_t kFewest = 24;

  /// Nothing where a split would not pay: few rules, or most of them would be tried anyway. Nor
  /// where it needs more places in memory than `budget` has left; it takes from that. Can be asked
  /// when `parts` are finished.
  [[nodiscard]] static std::unique_ptr<const RuleSplit> make(
      std::span<const std::uint32_t> rules, const std::vector<RuleDemands>& demands,
      PartIndexes& parts, std::size_t& budget);

  /// Memory of one thread, reused from event to event.
  struct Scratch {
    std::vector<std::uint32_t> rules;
    std::vector<std::uint32_t> texts;
    PartSearch::Scratch parts;
  };
  /// Adds the rules that can match the event to `scratch.rules`, in any order. Rules of other lists
  /// may be among them where they look for a part that a text of the event holds.
  void find(audit::FieldMap& map, Scratch& scratch) const;

 private:
  // Texts of one kind and the rules that each leads to.
  struct Postings {
    base::TextTable texts;
    std::vector<std::vector<std::uint32_t>> rules;  // by the text's number
    void add(const std::string& text, std::uint32_t rule);
  };
  struct Probe {
    audit::FieldId field{};
    Postings exact;
    Postings prefixes;
    std::vector<std::size_t> prefix_lengths;  // ascending
    std::shared_ptr<const PartIndex> parts;   // null: none of the rules is found by parts
    // Texts are counted through: first the exact ones, then the prefixes, then the parts.
    void find(std::string_view text, Scratch& scratch) const;
    [[nodiscard]] std::size_t size() const {
      return exact.texts.size() + prefixes.texts.size() + (parts ? parts->size() : 0);
    }
    [[nodiscard]] const std::vector<std::uint32_t>& rules_of(std::uint32_t text) const;
  };

  void limit_prefix_lengths(Probe& probe);

  std::vector<std::uint32_t> always_;
  std::vector<Probe> probes_;
};

}  // namespace tiercel::engine
