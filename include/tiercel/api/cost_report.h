#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/api/cost_counts.h"
#include "tiercel/engine/rule_set.h"

namespace tiercel::api {

/// What a report is made of. What is wrong is looked for in what came of late: a check that has
/// become slow is not hidden behind the weeks before, nor told of for weeks after.
struct CostFigures {
  CostCounts all;
  CostCounts lately;                   ///< the last ten or twenty minutes, for what is slow
  std::vector<std::uint64_t> matches;  ///< of each rule in the last minute or two
  double matches_seconds = 0;          ///< these minutes
};

/// What the rules of a rule set cost and make, the most expensive first, with what is wrong in
/// words. Shares are parts of 1; times are nanoseconds. `engine::RuleCosts` says what is exact
/// and what belongs to a sample.
struct CostReport {
  struct Rule {
    std::string name;
    std::uint64_t matches = 0;
    double matches_a_minute = 0;  ///< of late
    std::uint64_t tried = 0;      ///< of the measured events
    double nanoseconds = 0;       ///< each time it is tried
    double share = 0;             ///< of all that evaluating takes
    std::string finding;          ///< "slow: …", "costly: …", "noisy: …"; mostly empty
    bool is_slow = false;         ///< it says so, or that it is costly; not in the JSON
    bool is_noisy = false;
  };
  struct Check {
    std::string text;
    std::uint64_t evaluations = 0;  ///< in the measured events
    std::uint64_t held = 0;         ///< how many of these were true
    double nanoseconds = 0;         ///< each
    double share = 0;
    std::size_t rule_count = 0;      ///< how many rules ask it
    std::vector<std::string> rules;  ///< the first of them
  };

  std::string hash;                ///< the rule set's
  double seconds = 0;              ///< since it was loaded, or that the events span
  std::uint64_t sample_every = 0;  ///< about one event in so many is measured
  std::uint64_t events = 0;        ///< measured
  double nanoseconds = 0;          ///< an event
  double index_share = 0;          ///< of it, for finding the rules to try
  std::size_t rule_count = 0;
  std::optional<std::uint64_t> memory;  ///< bytes; nothing where it is not known
  std::vector<Rule> rules;
  std::vector<Check> checks;
};

/// `top` rules, with those behind them that have a finding, and as many checks; 0: all rules.
/// REQUIRES: the figures are of these rules.
[[nodiscard]] CostReport cost_report(const engine::RuleSet& rules, const CostFigures& figures,
                                     std::size_t top);
/// A part of 1, and never more.
[[nodiscard]] double share_of(std::uint64_t of, std::uint64_t all);

/// What GET /rules answers, and `tiercel rules --cost --json` prints.
[[nodiscard]] std::string cost_json(const CostReport& report);
/// The same read again; nothing where it is no such answer.
[[nodiscard]] std::optional<CostReport> read_cost_json(std::string_view json);
/// Two tables for a terminal, the most expensive first.
[[nodiscard]] std::string cost_text(const CostReport& report);

/// "15.4 KB", "1.2 MB".
[[nodiscard]] std::string bytes_text(double bytes);
/// "310 ns", "4.1 us", "41 ms".
[[nodiscard]] std::string duration_text(double nanoseconds);
/// "4,100".
[[nodiscard]] std::string count_text(std::uint64_t number);
/// "63 %", "4.2 %".
[[nodiscard]] std::string percent_text(double share);

}  // namespace tiercel::api
