#pragma once

#include <algorithm>
#include <cstdint>

namespace tiercel::analyse {

inline constexpr std::uint64_t kStepsOfJudging = 10;  ///< of one rule's answer to one stage
inline constexpr std::uint64_t kStepsOfHarm = 30;  ///< which is kept, so that it costs memory too

/// How much may still be looked at: policies come from others, and a short one can tell apart more
/// requests than anybody waits for. A step is one look at one thing, a fraction of a microsecond.
class Effort {
 public:
  explicit Effort(std::uint64_t steps) : left_(steps) {}
  void spend(std::uint64_t steps) { left_ -= std::min(left_, steps); }
  [[nodiscard]] std::uint64_t left() const { return left_; }
  [[nodiscard]] bool is_spent() const { return left_ == 0; }

 private:
  std::uint64_t left_;
};

}  // namespace tiercel::analyse
