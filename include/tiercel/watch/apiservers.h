#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tiercel/base/clock.h"
#include "tiercel/base/metrics.h"
#include "tiercel/base/mutex.h"
#include "tiercel/watch/batch_facts.h"

namespace tiercel::watch {

struct WatchOptions {
  std::chrono::nanoseconds silence{std::chrono::minutes{5}};      ///< the floor; 0: not told
  std::chrono::nanoseconds clock_skew{std::chrono::seconds{10}};  ///< 0: not told
  std::chrono::nanoseconds late{std::chrono::minutes{5}};         ///< 0: not told
  std::chrono::nanoseconds quiet{std::chrono::minutes{10}};       ///< ends truncation and repeats
  bool expects_events = true;  ///< that none comes at all after the start is told
};

/// Something to be told of by an alert of our own: code, the apiserver's address, what happened.
struct Finding {
  std::string code;
  std::string apiserver;
  std::string message;
  std::vector<std::pair<std::string, std::string>> fields;
};
using Tell = std::function<void(Finding)>;

/// One apiserver, as far as its batches show it. Ages in nanoseconds.
struct ApiserverStatus {
  std::string address;
  std::string cluster;
  std::string source;
  std::uint64_t batches = 0;
  std::uint64_t events = 0;
  std::uint64_t truncated = 0;
  std::uint64_t quarantined = 0;
  std::uint64_t repeated_batches = 0;
  std::int64_t silent_for = 0;
  std::int64_t silence_expected = 0;  ///< longer is told of; 0: its rhythm is not known yet
  std::int64_t delay = 0;             ///< of the last batch's oldest event, from stageTimestamp on
  std::int64_t least_delay = 0;       ///< of the newest event, over the last batches
  std::int64_t clock_ahead = 0;       ///< the most, by the last batches; 0: not ahead
  bool is_silent = false;
  bool has_clock_skew = false;
  bool is_late = false;
};

/// Watches who sends batches, so that blindness is told of: an apiserver that has fallen silent, a
/// clock that is wrong, events that are late or cut, batches that come again.
///
/// An apiserver is an address and, where its events name one, a cluster. The table is bounded; of
/// those hardly known, else of all, the one heard of longest ago makes room. A gap in sequence
/// cannot be seen: audit events carry no number, and one without its ResponseComplete is a policy's
/// doing as often as a loss. What was lost is found by counting (Reconciler).
///
/// Runs on: any thread; take() once a batch, look() about once a second, which tells.
class Apiservers {
 public:
  Apiservers(const WatchOptions& options, Tell tell, const base::Clock& clock,
             base::Metrics& metrics);
  ~Apiservers();

  /// A batch was evaluated. `arrival` in nanoseconds since the epoch.
  void take(const BatchFacts& facts, std::string_view source, std::string_view address,
            std::int64_t arrival);
  /// The batch that begins with the event of this key was acknowledged: it should not come again
  /// from this source.
  void acknowledged(std::uint64_t first_key, std::string_view source);
  void look();
  [[nodiscard]] std::vector<ApiserverStatus> status() const;
  /// So long ago was the start, where no event has come from anywhere since and that was told; 0
  /// where some have, or none are expected.
  [[nodiscard]] std::int64_t nothing_for() const;
  /// Events that came in batches not seen before, by whatever source; those of a log and of a
  /// webhook are not compared, so that it may be more than there were.
  [[nodiscard]] std::uint64_t distinct_events() const;

  static constexpr std::size_t kMost = 256;
  /// From so many batches on a rhythm is known.
  static constexpr std::uint64_t kKnown = 10;
  /// A silence is so many times the longest one of late.
  static constexpr std::int64_t kPatience = 3;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tiercel::watch
