#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tiercel/base/clock.h"
#include "tiercel/base/error.h"
#include "tiercel/base/metrics.h"
#include "tiercel/store/alert_store.h"
#include "tiercel/store/feed.h"

namespace tiercel::store {

enum class Durability : std::uint8_t {
  kFull,    ///< survives power loss: WAL, every commit synced
  kNormal,  ///< survives the process, not the power
  kMemory,  ///< survives nothing
};

/// Of the disk that holds the store, in bytes.
struct DiskSpace {
  std::uint64_t free = 0;  ///< for us, not for root
  std::uint64_t total = 0;
};
/// So much of a disk must stay free, else the store does not grow: the larger of the two.
[[nodiscard]] std::uint64_t least_free(std::uint64_t min_free, std::uint32_t min_free_percent,
                                       std::uint64_t total);

struct StoreOptions {
  std::string path = "/var/lib/tiercel";  ///< the segments stand in its folder `alerts`
  Durability durability = Durability::kFull;
  std::chrono::milliseconds commit_interval{20};
  std::uint64_t max_size = std::uint64_t{2} << 30U;  ///< of all segments, WAL included
  std::chrono::milliseconds max_age{std::chrono::hours{24 * 7}};
  std::uint64_t segment_size = std::uint64_t{256} << 20U;
  std::chrono::milliseconds segment_age{std::chrono::hours{24}};
  std::chrono::milliseconds duplicate_window{std::chrono::hours{48}};
  std::uint64_t min_free = std::uint64_t{2} << 30U;  ///< of the disk, in bytes; 0: not looked at
  std::uint32_t min_free_percent = 10;               ///< of the disk; 0: not looked at
  std::uint64_t max_wal = std::uint64_t{64} << 20U;
  std::uint64_t max_queued = std::uint64_t{256} << 20U;  ///< bytes waiting for their commit
  /// How long an output may take to give way when room is needed, before somebody else gives
  /// way for it (Feed::on_overdue()), or, where nobody does, its alerts are dropped and counted.
  std::chrono::milliseconds yield_timeout{10'000};
  // For tests.
  std::string vfs;                       ///< SQLite's VFS by name; empty: the system's
  std::uint32_t schema_version = 0;      ///< of the segments that are written; 0: ours
  std::chrono::milliseconds tick{1000};  ///< how often limits, disk and cursors are looked at
  /// Free and whole size of the disk; empty: the system is asked.
  std::function<std::optional<DiskSpace>()> disk;
};

/// Something an operator must learn of: becomes an alert of our own and a log line.
struct StoreEvent {
  std::string code;  ///< store_full, store_damaged, store_newer_schema, store_removed, …
  std::string message;
  std::vector<std::pair<std::string, std::string>> fields;
};

/// What the store holds, for status and metrics.
struct StoreStatus {
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;  ///< WAL included
  std::uint64_t wal_bytes = 0;
  std::uint64_t alerts = 0;  ///< in all readable segments
  std::uint64_t commits = 0;
  std::chrono::nanoseconds last_commit{0};  ///< how long the last one took
  bool is_full = false;                     ///< appends are refused for want of room
  bool is_unwritable = false;               ///< appends fail for another reason
  // Steady times; 0: not since the start.
  std::int64_t last_refused = 0;  ///< an append, for either reason
  std::int64_t last_dropped = 0;  ///< alerts were lost for an output
};

/// Every alert on disk, in SQLite segments; the queue that all outputs read from and the
/// history that users query. See src/store/README.md for the files and their schema.
///
/// Runs on: append() and feed() from any thread; one writer thread and one checkpoint
/// thread of its own.
class Store final : public AlertStore {
 public:
  using OnEvent = std::function<void(const StoreEvent&)>;

  /// Opens or makes the store. Refused with what to do where another daemon has it.
  /// `outputs` are the names of all that read from it: the cursor of any other stops
  /// holding alerts back at once, and `on_event` says so. `on_event` is called from this
  /// call and later from the store's threads; it may append.
  [[nodiscard]] static base::Result<std::unique_ptr<Store>> open(
      StoreOptions options, const std::vector<std::string>& outputs, const base::Clock& clock,
      base::Metrics& metrics, OnEvent on_event);
  ~Store() override;

  void append(RecordBatch batch, Completion completion) override;
  /// REQUIRES: `output` is one of the names given to open() or added since. The store outlives the
  /// feed.
  [[nodiscard]] std::unique_ptr<Feed> feed(std::string_view output);
  /// Outputs that come: they begin with what is stored from now on; and outputs that go: nothing
  /// is held back for them any more, as when they are missing at a start. An error where the store
  /// does not get to it in five seconds: it does so later then. REQUIRES: nobody uses a feed of
  /// those that go.
  [[nodiscard]] base::Result<void> change_outputs(std::vector<std::string> added,
                                                  std::vector<std::string> removed);
  /// For how long the writer has not come round; well under two seconds where all is well.
  [[nodiscard]] std::chrono::milliseconds stalled_for() const;
  /// The positions of one source as they were last committed, by key.
  [[nodiscard]] std::vector<SourcePosition> positions(std::string_view source) const;
  [[nodiscard]] StoreStatus status() const;
  /// Counts alerts that an output's full dead-letter file could not take: they are lost for
  /// that output (drops_total{reason="store_full"}), which tells of it.
  void count_dropped(std::uint64_t alerts);
  /// Waits until what was handed over is committed, and outputs can read it; false when that
  /// takes longer than the deadline.
  [[nodiscard]] bool settle(std::chrono::milliseconds deadline);
  /// Later appends are answered kStopping; returns when all before are committed, false
  /// when that takes longer than the deadline.
  [[nodiscard]] bool stop(std::chrono::milliseconds deadline);

 private:
  class Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tiercel::store
