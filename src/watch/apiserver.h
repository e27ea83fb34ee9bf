#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tiercel/watch/apiservers.h"

namespace tiercel::watch {

/// What one apiserver's batches have shown, and what is to be told of it.
///
/// Runs on: guarded by its owner. Times are steady nanoseconds where not said otherwise.
class Apiserver {
 public:
  Apiserver(std::string source, std::string address, std::string cluster);

  void take(const BatchFacts& facts, std::int64_t arrival, bool is_repeat, std::int64_t now,
            const WatchOptions& options);
  void look(std::int64_t now, const WatchOptions& options, std::vector<Finding>& out);
  [[nodiscard]] ApiserverStatus status(std::int64_t now, const WatchOptions& options) const;
  /// Not heard of for so long, and nothing is expected of it.
  [[nodiscard]] bool is_gone(std::int64_t now, const WatchOptions& options) const;
  /// It has sent enough batches for a rhythm.
  [[nodiscard]] bool is_known() const;

 private:
  /// Something that happens now and then: told at its first time, over when it has not happened
  /// for a while.
  struct Episode {
    bool is_told = false;
    std::int64_t last = 0;
    std::uint64_t count = 0;
  };
  static constexpr std::size_t kDelays = 16;

  [[nodiscard]] std::int64_t expected(const WatchOptions& options) const;
  [[nodiscard]] std::int64_t longest_gap(std::int64_t now) const;
  void learn_gap(std::int64_t gap, std::int64_t now, const WatchOptions& options);
  void learn_delay(const BatchFacts& facts, std::int64_t arrival);
  [[nodiscard]] std::int64_t least_delay() const;
  void look_at_silence(std::int64_t now, const WatchOptions& options, std::vector<Finding>& out);
  void look_at_times(const WatchOptions& options, std::vector<Finding>& out);
  void look_at_episodes(std::int64_t now, const WatchOptions& options, std::vector<Finding>& out);
  /// 1: it begins, -1: it is over, 0: nothing new.
  static int turn_of(Episode& episode, std::int64_t now, const WatchOptions& options);
  [[nodiscard]] Finding finding(std::string code, std::string message) const;
  [[nodiscard]] std::string name() const;

  ApiserverStatus totals_;
  std::int64_t last_ = 0;
  std::int64_t longest_ = 0;                    // gap between two batches, as it was
  std::int64_t longest_at_ = 0;                 // when
  std::array<std::int64_t, kDelays> delays_{};  // of the newest events; negative: ahead of us
  std::size_t delay_count_ = 0;
  Episode truncated_;
  Episode repeated_;
};

}  // namespace tiercel::watch
