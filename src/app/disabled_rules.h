#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "tiercel/api/reports.h"
#include "tiercel/base/clock.h"
#include "tiercel/base/error.h"
#include "tiercel/base/mutex.h"

namespace tiercel::app {

/// The rules that an operator has disabled in the running daemon (`tiercel rules disable`), each
/// until a time: they come back by themselves. Kept in a file, so that a restart does not bring
/// back what is too much at three in the morning.
///
/// Runs on: any thread.
class DisabledRules {
 public:
  using One = api::DisabledRule;
  struct Ended {
    std::vector<std::string> rules;
    bool is_change = false;  ///< one was out of force until now
  };

  /// An empty `file`: nothing outlives the process.
  DisabledRules(std::string file, const base::Clock& clock);

  /// From now on for so long, whatever was said of the rule before. An error says what is wrong
  /// with the time, or with the number of rules.
  [[nodiscard]] base::Result<void> disable(const std::string& rule, std::chrono::seconds time);
  /// False where it is not disabled, or its time was over before the start.
  [[nodiscard]] bool enable(const std::string& rule);
  /// Whether take_ended() has something to tell.
  [[nodiscard]] bool has_ended() const;
  /// Those whose time is over, since it passed or did so while no daemon ran, each told of once.
  [[nodiscard]] Ended take_ended();
  [[nodiscard]] std::vector<One> list() const;
  [[nodiscard]] std::vector<std::string> names() const;

  static constexpr std::chrono::seconds kShortest{1};
  static constexpr std::chrono::seconds kLongest{std::chrono::hours{24 * 7}};
  static constexpr std::size_t kMost = 100;

 private:
  struct Kept {
    One one;
    std::int64_t ends = 0;  ///< steady: a clock that is set changes nothing
    [[nodiscard]] bool is_over(std::int64_t now) const { return ends <= now; }
  };
  void read() TIERCEL_REQUIRES(mutex_);
  void write() const TIERCEL_REQUIRES(mutex_);

  const std::string file_;
  const base::Clock& clock_;
  mutable base::Mutex mutex_;
  std::vector<Kept> kept_ TIERCEL_GUARDED_BY(mutex_);
  /// Ended before the start, and not told of yet.
  std::vector<std::string> ended_before_ TIERCEL_GUARDED_BY(mutex_);
};

}  // namespace tiercel::app
