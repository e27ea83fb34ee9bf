#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tiercel/alert/rule_output.h"
#include "tiercel/base/clock.h"
#include "tiercel/base/log_limit.h"
#include "tiercel/base/metrics.h"
#include "tiercel/base/mutex.h"
#include "tiercel/store/alert_store.h"

namespace tiercel::pipeline {

class UnsentAlerts;

/// What tiercel alerts about itself: rule "tiercel: <code>", source "tiercel".
struct InternalCode {
  std::string_view code;
  base::Priority priority;
  std::string_view doc;
  /// The code of the trouble that this one says is over; empty: it says no such thing.
  std::string_view ends{};
  /// What somebody did, and no state that comes and goes: it is told each time.
  bool is_act = false;
  /// The peer is an apiserver, or what an apiserver's events come by: the alert names it as those
  /// of rules do. Of others the peer is an output, a file, or whoever knocks.
  bool is_of_apiserver = false;
};
[[nodiscard]] std::span<const InternalCode> internal_codes();

/// The output fields that such alerts have, by which routes and silences may choose them.
inline constexpr auto kInternalFields = std::to_array<std::string_view>(
    {"alerts",        "batches",  "bytes",  "cluster",        "code",        "direction",
     "disabled_rule", "errors",   "events", "file",           "free",        "line",
     "output",        "path",     "peer",   "quarantined_as", "schema",      "seconds",
     "segment",       "segments", "source", "suppressed",     "undelivered", "wanted"});

/// Sends alerts of our own through the store, at most one a minute for each code and peer;
/// the next one carries the number of those held back. What ends a trouble is told at once after
/// it, and the trouble after its end: the last one that was told is how things are. Where that
/// changes more than kMostReleases times a minute, what comes then is held, and the last of it
/// told when the minute is over; what somebody did is told each time. Each code has a
/// table of kMostPeers peers and one entry for all others: whoever sends bad bodies from many
/// addresses mutes no state. They are stored in the order in which they are told: what the store
/// could not take (a full disk is told of by such an alert) is tried again every few seconds, and
/// the next ones follow it.
///
/// Runs on: any thread; thread-safe.
class InternalAlerts {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  InternalAlerts(store::AlertStore& store, alert::AlertOptions options, const base::Clock& clock,
                 base::Metrics& metrics);

  void raise(std::string_view code, std::string_view peer, std::string message, Fields fields);
  /// Tells what was held and is due, and tries again what the store refused; called every second or
  /// so.
  void look();
  /// Tells all that was held, due or not, and tries again what the store refused: before the stop,
  /// since the next process knows nothing of a trouble told by this one and would not tell its end.
  void flush();
  /// So many the store has not taken yet.
  [[nodiscard]] std::size_t unsent() const;
  /// Takes up changed alert options (a reload).
  void set_options(alert::AlertOptions options);

  /// So often a trouble and its end may follow each other at once within a minute, of each peer.
  static constexpr int kMostReleases = 4;
  /// Of each code; more than apiservers are watched.
  static constexpr std::size_t kMostPeers = 512;

 private:
  struct Held {
    std::int64_t last = 0;
    std::uint64_t suppressed = 0;
    bool is_released = false;  ///< the opposite was told since
  };
  /// What is held of one code.
  struct PeersOf {
    std::map<std::string, Held> peers;
    std::int64_t forgotten_at = 0;  ///< when those that are old were forgotten last
  };
  struct Pending {
    std::string code;
    std::string peer;
    std::string message;
    Fields fields;
  };
  /// A trouble and its end, of one peer.
  struct Pair {
    std::int64_t began = 0;  ///< the minute that the releases are of
    int releases = 0;
    std::optional<Pending> pending;  ///< how things are, where another state was told last
  };
  using Key = std::pair<std::string, std::string>;
  void forget_old(PeersOf& of, std::int64_t now) TIERCEL_REQUIRES(mutex_);
  /// None where nothing was told of them of late.
  [[nodiscard]] Held* find(std::string_view code, const std::string& peer) TIERCEL_REQUIRES(mutex_);
  /// The entry of a code and peer; shared by all peers where the table is full.
  [[nodiscard]] Key key_of(std::string_view code, std::string_view peer, const Fields& fields,
                           std::int64_t now) TIERCEL_REQUIRES(mutex_);
  /// Whether it may follow its opposite at once, which is counted.
  [[nodiscard]] bool take_release(const Key& key, std::int64_t now) TIERCEL_REQUIRES(mutex_);
  /// Keeps what is held back and says how things are.
  void hold(const Key& key, Pending state) TIERCEL_REQUIRES(mutex_);
  /// What of its state was kept is told now, or things are again as was told.
  void drop_pending(const Key& key) TIERCEL_REQUIRES(mutex_);
  /// False where it is held back; one that goes tells of those held back before it.
  [[nodiscard]] bool may_go(std::string_view code, std::string_view peer,
                            const std::string& message, Fields& fields) TIERCEL_REQUIRES(mutex_);
  /// The alert, where it may go.
  [[nodiscard]] std::optional<store::RecordBatch> make(std::string_view code, std::string_view peer,
                                                       std::string message, Fields fields)
      TIERCEL_REQUIRES(mutex_);
  enum class Which : std::uint8_t { kDue, kAll };
  [[nodiscard]] std::vector<Pending> take_pending(Which which, std::int64_t now)
      TIERCEL_REQUIRES(mutex_);
  void tell_pending(Which which, std::int64_t now) TIERCEL_REQUIRES(mutex_);
  /// Lets what says the opposite go when it is raised next.
  void release_opposites(std::string_view code, const std::string& peer) TIERCEL_REQUIRES(mutex_);
  void tell(std::string_view code, std::string_view peer, std::string message, Fields fields)
      TIERCEL_REQUIRES(mutex_);
  void log_lost(std::int64_t now);

  const base::Clock& clock_;
  base::Metrics& metrics_;
  const std::shared_ptr<UnsentAlerts> unsent_;  ///< outlives this
  base::LogLimit log_limit_;                    ///< of the log line about those that are lost
  base::Mutex mutex_;
  alert::AlertOptions options_ TIERCEL_GUARDED_BY(mutex_);
  std::map<std::string, PeersOf, std::less<>> held_ TIERCEL_GUARDED_BY(mutex_);
  /// Of those that followed each other at once; by the code of the trouble.
  std::map<Key, Pair> pairs_ TIERCEL_GUARDED_BY(mutex_);
  std::uint64_t number_ TIERCEL_GUARDED_BY(mutex_) = 0;  // tells ids of the same time apart
  std::uint64_t lost_ TIERCEL_GUARDED_BY(mutex_) = 0;    ///< since the log said so
  std::int64_t last_retry_ TIERCEL_GUARDED_BY(mutex_) = 0;
};

}  // namespace tiercel::pipeline
