#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tiercel::engine {

/// One event in so many is measured. A measured event costs about twice as much as another, and
/// five times where all checks are cheap (the clock is read before and after each), so that all of
/// it stays below one in a hundred.
inline constexpr std::uint32_t kSampleEvery = 509;
/// A check that took this long is counted as slow: most take 10 to 100 ns.
inline constexpr std::int64_t kSlowNanoseconds = 5'000;

/// What one event cost, in parts; an evaluator's memory, reused from sample to sample. The
/// clock's own cost is taken off, so that a part of a few nanoseconds can be below zero.
struct CostSample {
  struct Part {
    std::uint32_t number = 0;  ///< of the rule or the predicate
    std::int64_t nanoseconds = 0;
    bool matched = false;  ///< or held, of a predicate
  };
  std::vector<Part> rules;       ///< those tried, with their predicates' time
  std::vector<Part> predicates;  ///< those evaluated, not those answered from memory
  std::int64_t index = 0;        ///< finding the rules to try
  std::int64_t total = 0;

  /// Makes all times so much of what they are.
  void scale(double share);
};

/// How often each rule of one RuleSet matched since it was loaded, and what rules and predicates
/// cost.
///
/// Matches are exact; a batch that is sent again matches again. Times are those of a sample: about
/// every kSampleEvery-th event, with chance in the distance, so that neither the place in a batch
/// nor any rhythm of the traffic decides. Where the thread had to give up its core meanwhile, all
/// parts of the event count for less, so that they add up to the time on it.
///
/// A predicate is evaluated once an event: its time belongs to the rule that asks first. So does
/// reading a field from the event, which the first predicate that needs it pays for; the fields
/// that the index looks at are read there.
///
/// Runs on: any thread; relaxed atomics, one for all evaluators.
class RuleCosts {
 public:
  /// How often, and how long in all.
  struct Cost {
    std::uint64_t times = 0;
    std::uint64_t nanoseconds = 0;
    [[nodiscard]] double mean() const {
      return times == 0 ? 0 : static_cast<double>(nanoseconds) / static_cast<double>(times);
    }
  };

  RuleCosts(std::size_t rules, std::size_t predicates);

  /// About every how many events one is measured: kSampleEvery, and more where the system's clock
  /// is a slow one (a virtual machine without a time-stamp counter), which would cost too much.
  [[nodiscard]] static std::uint32_t sample_every();

  void add_match(std::uint32_t rule) { matches_[rule].fetch_add(1, std::memory_order_relaxed); }
  void add(const CostSample& sample);

  [[nodiscard]] std::uint64_t matches(std::size_t rule) const {
    return matches_[rule].load(std::memory_order_relaxed);
  }
  /// Measured events on which the rule was tried.
  [[nodiscard]] Cost of_rule(std::size_t rule) const { return rules_[rule].read(); }
  [[nodiscard]] Cost of_predicate(std::size_t predicate) const {
    return predicates_[predicate].read();
  }
  /// How many of its measured evaluations were true.
  [[nodiscard]] std::uint64_t held(std::size_t predicate) const {
    return held_[predicate].load(std::memory_order_relaxed);
  }
  /// How many of its measured evaluations took kSlowNanoseconds or more.
  [[nodiscard]] std::uint64_t slow(std::size_t predicate) const {
    return slow_[predicate].load(std::memory_order_relaxed);
  }
  /// Measured events, whole: all that evaluating does, without decoding and rendering.
  [[nodiscard]] Cost of_events() const { return events_.read(); }
  [[nodiscard]] Cost of_index() const { return index_.read(); }

 private:
  class Counter {
   public:
    void add(std::int64_t nanoseconds) {
      times_.fetch_add(1, std::memory_order_relaxed);
      nanoseconds_.fetch_add(nanoseconds, std::memory_order_relaxed);
    }
    [[nodiscard]] Cost read() const;

   private:
    std::atomic<std::uint64_t> times_{0};
    std::atomic<std::int64_t> nanoseconds_{0};
  };

  std::vector<std::atomic<std::uint64_t>> matches_;
  std::vector<Counter> rules_;
  std::vector<Counter> predicates_;
  std::vector<std::atomic<std::uint64_t>> held_;
  std::vector<std::atomic<std::uint64_t>> slow_;
  Counter events_;
  Counter index_;
};

}  // namespace tiercel::engine
