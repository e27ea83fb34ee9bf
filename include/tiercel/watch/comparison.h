#pragma once

#include <algorithm>
#include <cstdint>

namespace tiercel::watch {

/// What was generated since it began against what has arrived, and whether too much is missing.
///
/// What is due was generated a grace ago and must have come; what has come is all that came until
/// now. So the events of one grace are always taken for such as came: of a loss of the share f, at
/// a steady rate, `f * time - grace` is seen. That is more than the tolerated share of all once the
/// comparison has lasted `grace / (f - 1/kToleratedShare)`: a small loss asks for a long
/// comparison, while a sudden one is seen the sooner the less came before it.
///
/// Times in nanoseconds. Runs on: any one thread at a time.
class Comparison {
 public:
  /// So many events, and one in so many, may be missing before it is told.
  static constexpr std::uint64_t kTolerated = 100;
  static constexpr std::uint64_t kToleratedShare = 200;
  static constexpr std::int64_t kHour = 3'600'000'000'000;

  struct Counts {
    std::uint64_t generated = 0;
    std::uint64_t arrived = 0;
  };

  /// It lasts for `least`, and for so many graces at the least.
  constexpr Comparison(std::int64_t least, std::int64_t graces) : least_(least), graces_(graces) {}

  /// From now on; `lost` stays to be seen, of before.
  void begin(std::int64_t now, Counts base, std::uint64_t lost);
  /// True where more than may be are missing, and were not when it was true last.
  [[nodiscard]] bool look(std::int64_t now, Counts due);
  /// Whether it has lasted long enough; what is due was generated `grace` ago.
  [[nodiscard]] bool is_over(std::int64_t now, std::int64_t grace) const;

  [[nodiscard]] Counts base() const { return base_; }
  /// Of what is due.
  [[nodiscard]] std::uint64_t due() const { return due_; }
  [[nodiscard]] std::uint64_t missing() const { return missing_; }
  /// How long it had lasted when too many were missing first.
  [[nodiscard]] std::int64_t seen_after() const { return seen_at_ - began_; }
  /// Of losses that were seen.
  [[nodiscard]] std::uint64_t lost() const { return lost_ + (has_exceeded_ ? missing_ : 0); }
  /// With what is missing beside. A small share of many is nothing to wake somebody for, whatever
  /// it sums up to.
  [[nodiscard]] std::uint64_t shown() const {
    return lost_ + (has_exceeded_ ? missing_ : std::min(missing_, kTolerated));
  }

 private:
  std::int64_t least_;
  std::int64_t graces_;
  std::int64_t began_ = 0;
  std::int64_t seen_at_ = 0;
  Counts base_;
  std::uint64_t due_ = 0;
  std::uint64_t missing_ = 0;
  std::uint64_t marked_ = 0;  // so many were, when look() was true last
  std::uint64_t lost_ = 0;    // before it began
  bool has_exceeded_ = false;
};

}  // namespace tiercel::watch
