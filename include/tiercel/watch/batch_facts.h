#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "tiercel/audit/event.h"
#include "tiercel/base/arena.h"

namespace tiercel::watch {

/// The annotation that `tiercel selftest` puts on its events. A user of the cluster cannot: the
/// apiserver refuses admission's annotations (`{name of a policy or webhook}/{key}`) whose prefix
/// is no DNS name, and this one has a blank and upper case.
inline constexpr std::string_view kSelftestAnnotation = "Tiercel Selftest/mark";
/// What it says, cut; empty without it.
[[nodiscard]] std::string_view selftest_mark(const audit::AuditEvent& event, base::Arena& arena);

/// What one batch shows of its apiserver, gathered event by event; a few comparisons each. Reused
/// from batch to batch, so that nothing comes from the heap.
///
/// Runs on: one thread at a time.
struct BatchFacts {
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();

  std::uint64_t events = 0;
  std::uint64_t bad = 0;        ///< items that were quarantined
  std::uint64_t truncated = 0;  ///< events that the apiserver cut
  std::uint64_t first_key = 0;  ///< of the first event, never 0 where there is one
  bool is_continued = false;    ///< they go on with the batch of this key, which was begun before
  std::int64_t oldest = std::numeric_limits<std::int64_t>::max();  ///< stageTimestamp
  std::int64_t newest = kNever;                                    ///< kNever: none had a time
  bool is_selftest = false;  ///< its first event is marked as one
  std::string cluster;       ///< the first event's annotation cluster_name, cut

  void clear();
  void add(const audit::AuditEvent& event, base::Arena& arena) {
    if (events++ == 0) {
      take_first(event, arena);
    }
    if (!event.time_is_arrival()) {
      oldest = event.time() < oldest ? event.time() : oldest;
      newest = event.time() > newest ? event.time() : newest;
    }
    // The apiserver removes both bodies of an event that it cuts, and cuts only where the level
    // may have them.
    if (!event.member(audit::Member::kRequestObject).exists() &&
        !event.member(audit::Member::kResponseObject).exists()) {
      truncated += is_truncated(event) ? 1U : 0U;
    }
  }

 private:
  void take_first(const audit::AuditEvent& event, base::Arena& arena);
  [[nodiscard]] static bool is_truncated(const audit::AuditEvent& event);
};

}  // namespace tiercel::watch
