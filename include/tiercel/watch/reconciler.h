#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/base/clock.h"
#include "tiercel/base/metrics.h"
#include "tiercel/base/mutex.h"
#include "tiercel/watch/apiservers.h"
#include "tiercel/watch/comparison.h"

namespace tiercel::watch {

/// What kube-apiserver counts about its audit events.
struct AuditCounters {
  bool has_events = false;  ///< there is an apiserver_audit_event_total
  std::uint64_t events = 0;
  std::uint64_t rejected_requests = 0;
  std::uint64_t level_none = 0;  ///< requests the policy leaves out
  std::int64_t started = 0;      ///< its process, nanoseconds since the epoch; 0: it does not say
  std::map<std::string, std::uint64_t> errors;  ///< by plugin: "webhook", "buffered", "log"
};

/// Reads the text that /metrics answers.
[[nodiscard]] AuditCounters read_counters(std::string_view text);

/// What the reconciliation has found so far, for the status.
struct ReconcileStatus {
  struct Peer {
    std::string url;  ///< without a user and password
    std::uint64_t scrapes = 0;
    std::uint64_t restarts = 0;  ///< counters that began anew, or are another process's
    std::uint64_t errors = 0;    ///< audit errors since the start, those of its log files left out
    std::uint64_t rejected_requests = 0;  ///< of users, for want of an audit; since the start
    std::string last_error;               ///< of the last scrape; empty where it went well
    AuditCounters last;
  };
  std::vector<Peer> peers;
  std::uint64_t generated = 0;  ///< events since the longer comparison began
  std::uint64_t arrived = 0;
  /// Of those older than the grace, at least so many, and at most Comparison::kTolerated where they
  /// are too small a share to be told; what was told of stays in it until its end is told, with
  /// what has been lost since.
  std::uint64_t missing = 0;
};

struct ReconcileOptions {
  std::vector<std::string> urls;
  std::chrono::nanoseconds grace{std::chrono::minutes{3}};  ///< batching and retries
  std::chrono::nanoseconds quiet{std::chrono::minutes{10}};
};

/// Compares what the apiservers counted with what arrived. Sound in one direction: events that
/// were on their way when the comparison began, and those of apiservers that are not asked, make
/// `arrived` larger, so that `missing` is at least what is lost and never an alarm about nothing.
///
/// Two comparisons run beside each other. One of an hour (20 graces, where that is longer) sees
/// sudden losses, whatever came before; one ten times as long sees small ones. Of a steady traffic
/// and 100 events at the least, a loss of more than one in 100 is told, `grace / (share - 1/200)`
/// after a comparison began, and one that begins within a comparison by the end of the next longer
/// one; a loss of less than one in 200 never. The time between two rounds adds to the grace.
///
/// Both begin anew when a loss was told or is over, and when an apiserver has restarted, since what
/// it counted before its end is not known, or another one answers behind the same address. A loss
/// is told once, and that it is over when an hour has passed without another that would be told, or
/// three times the time in which it was seen where that is longer, so that one that goes on is seen
/// again before. One of them must have answered in that time, however often the comparison began
/// anew meanwhile. Where that was each time, so that nothing was compared, the loss ends by another
/// code: nobody knows that it is over.
///
/// Runs on: the scraper's thread, but for status().
class Reconciler {
 public:
  Reconciler(ReconcileOptions options, Tell tell, const base::Clock& clock, base::Metrics& metrics);

  /// One apiserver's counters.
  void take(std::size_t peer, const AuditCounters& counters);
  void failed(std::size_t peer, const std::string& error);
  /// After each round of scrapes; `arrived` events had come before the round.
  void compare(std::uint64_t arrived);
  [[nodiscard]] ReconcileStatus status() const;

  /// Failed scrapes in a row that are told of.
  static constexpr std::uint64_t kFailures = 3;

 private:
  struct Peer {
    bool is_known = false;
    bool is_counted = false;       // its events since the last answer belong to the comparison
    std::int64_t answered_at = 0;  // nanoseconds since the epoch
    std::uint64_t failures = 0;
    bool is_failure_told = false;
    bool has_errors = false;
    std::int64_t last_error_at = 0;
  };
  struct Sample {
    std::int64_t time;
    std::uint64_t generated;
    std::uint64_t answers;  // that were compared with one before
  };
  /// What the errors are counted from: nothing, where its process began since the last answer.
  [[nodiscard]] static AuditCounters base_of_errors(const Peer& state, const AuditCounters& before,
                                                    const AuditCounters& now);
  void begin(std::uint64_t arrived, std::uint64_t lost) TIERCEL_REQUIRES(mutex_);
  void leave_out_silent() TIERCEL_REQUIRES(mutex_);
  [[nodiscard]] std::uint64_t lost() const TIERCEL_REQUIRES(mutex_);
  void look_at_missing(std::uint64_t arrived, std::vector<Finding>& out) TIERCEL_REQUIRES(mutex_);
  void take_loss(const Comparison& seen, std::uint64_t arrived, std::vector<Finding>& out)
      TIERCEL_REQUIRES(mutex_);
  void end_loss(std::uint64_t arrived, std::vector<Finding>& out) TIERCEL_REQUIRES(mutex_);
  void show(std::uint64_t arrived) TIERCEL_REQUIRES(mutex_);
  void look_at_errors(std::size_t peer, const AuditCounters& before, const AuditCounters& now,
                      std::vector<Finding>& out) TIERCEL_REQUIRES(mutex_);
  void tell(std::vector<Finding> findings) const;

  const ReconcileOptions options_;
  const Tell tell_;
  const base::Clock& clock_;
  base::Metrics& metrics_;

  mutable base::Mutex mutex_;
  ReconcileStatus status_ TIERCEL_GUARDED_BY(mutex_);
  std::vector<Peer> peers_ TIERCEL_GUARDED_BY(mutex_);
  std::deque<Sample> samples_ TIERCEL_GUARDED_BY(mutex_);
  std::array<Comparison, 2> comparisons_ TIERCEL_GUARDED_BY(mutex_){
      Comparison{Comparison::kHour, 20}, Comparison{10 * Comparison::kHour, 200}};
  std::uint64_t generated_ TIERCEL_GUARDED_BY(mutex_) = 0;   // since both began
  std::uint64_t answers_ TIERCEL_GUARDED_BY(mutex_) = 0;     // as Sample's
  std::int64_t lost_at_ TIERCEL_GUARDED_BY(mutex_) = 0;      // when another loss was seen at last
  std::int64_t quiet_ TIERCEL_GUARDED_BY(mutex_) = 0;        // so long without ends it
  std::int64_t compared_at_ TIERCEL_GUARDED_BY(mutex_) = 0;  // the round before
  bool has_compared_ TIERCEL_GUARDED_BY(mutex_) = false;     // since lost_at_
  bool must_begin_ TIERCEL_GUARDED_BY(mutex_) = true;
  bool is_missing_told_ TIERCEL_GUARDED_BY(mutex_) = false;
};

}  // namespace tiercel::watch
