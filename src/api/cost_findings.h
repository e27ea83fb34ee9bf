#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tiercel/api/cost_report.h"

namespace tiercel::api {

/// What is wrong with rules, in words: which are slow, costly or noisy of late.
///
/// Runs on: one thread.
class CostFindings {
 public:
  CostFindings(const engine::RuleSet& rules, const CostFigures& figures);

  /// Empty where nothing is.
  [[nodiscard]] const std::string& of(std::uint32_t rule) const { return words_[rule]; }
  [[nodiscard]] bool is_slow(std::uint32_t rule) const { return slow_[rule]; }
  [[nodiscard]] bool is_noisy(std::uint32_t rule) const { return noisy_[rule]; }
  /// Its matches a minute.
  [[nodiscard]] double rate(std::uint32_t rule) const;

 private:
  void add(std::uint32_t rule, const std::string& words);
  void find_slow();
  void find_costly(std::uint32_t rule);
  void find_noisy(std::uint32_t rule);

  const engine::RuleSet& rules_;
  const CostFigures& figures_;
  std::vector<std::string> words_;
  std::vector<bool> slow_;  // or costly
  std::vector<bool> noisy_;
  std::uint64_t all_matches_ = 0;
};

}  // namespace tiercel::api
