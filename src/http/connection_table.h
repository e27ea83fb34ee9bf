#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "tiercel/base/mutex.h"

namespace tiercel::http {

/// What a connection is doing, the one to be closed first when room is needed first.
enum class Stage : std::uint8_t {
  kClosing,
  kIdle,
  kHeader,
  kBody,
  kAnswering,
};

/// How many connections a peer holds that are not on their way out.
struct HeldByPeer {
  std::uint32_t all = 0;
  std::uint32_t strangers = 0;  ///< of which nobody has vouched for the sender
};

/// What others may know of a connection. Written by its io thread, read by any.
struct ConnectionSlot {
  std::uint64_t id = 0;
  std::size_t thread = 0;
  std::string peer;
  std::atomic<Stage> stage{Stage::kIdle};
  std::atomic<std::int64_t> since{0};   ///< steady nanoseconds: when the stage began
  std::atomic<std::uint64_t> bytes{0};  ///< of the body, so far
  // Guarded by the table's mutex:
  bool leaving = false;        ///< chosen already
  bool is_known = false;       ///< somebody has vouched for the sender
  std::int64_t accepted = 0;   ///< steady nanoseconds
  HeldByPeer* held = nullptr;  ///< of this peer; valid until it leaves

  void enter(Stage next, std::int64_t now) {
    bytes.store(0, std::memory_order_relaxed);
    since.store(now, std::memory_order_relaxed);
    stage.store(next, std::memory_order_relaxed);
  }
};

/// All connections of a server: who holds how many, and who goes when they are too many.
/// Runs on: any thread.
class ConnectionTable {
 public:
  ConnectionTable(std::uint32_t limit, std::uint32_t limit_per_peer)
      : limit_(limit), limit_per_peer_(limit_per_peer) {}

  /// Of what there is too much.
  enum class Excess : std::uint8_t { kInAll, kOfPeer, kDescriptors };
  struct Victim {
    std::uint64_t id = 0;
    std::size_t thread = 0;
    Excess excess = Excess::kInAll;
  };
  struct Admitted {
    std::shared_ptr<ConnectionSlot> slot;
    /// The connection to close for it: of this peer when the peer is over its limit, else of
    /// any. Strangers first, of the peer with most of them; then of the peer that holds most.
    /// Among those the least progress.
    std::optional<Victim> victim;
  };
  [[nodiscard]] Admitted add(std::string peer, std::size_t thread, std::int64_t now)
      TIERCEL_EXCLUDES(mutex_);
  /// Its sender may send: it goes after all of which nobody has said so.
  void vouch(ConnectionSlot& slot) TIERCEL_EXCLUDES(mutex_);
  /// One to close when the process has no file descriptors left.
  [[nodiscard]] std::optional<Victim> spare(std::int64_t now) TIERCEL_EXCLUDES(mutex_);
  void remove(std::uint64_t id) TIERCEL_EXCLUDES(mutex_);
  [[nodiscard]] std::size_t size() const TIERCEL_EXCLUDES(mutex_);
  /// Of the peer that holds most, those on their way out left out.
  [[nodiscard]] std::size_t most_of_one_peer() const TIERCEL_EXCLUDES(mutex_);
  /// True when the table was empty before the time was over.
  bool wait_empty(std::chrono::steady_clock::time_point until) TIERCEL_EXCLUDES(mutex_);

 private:
  /// `only`: of this peer; null: of any.
  [[nodiscard]] std::optional<Victim> choose(Excess excess, const HeldByPeer* only,
                                             std::uint64_t except, std::int64_t now)
      TIERCEL_REQUIRES(mutex_);

  const std::uint32_t limit_;
  const std::uint32_t limit_per_peer_;
  mutable base::Mutex mutex_;
  base::ConditionVariable emptied_;
  std::uint64_t next_id_ TIERCEL_GUARDED_BY(mutex_) = 1;
  /// Connections that are not on their way out, by peer and in all.
  std::unordered_map<std::string, HeldByPeer> staying_ TIERCEL_GUARDED_BY(mutex_);
  std::size_t staying_total_ TIERCEL_GUARDED_BY(mutex_) = 0;
  std::unordered_map<std::uint64_t, std::shared_ptr<ConnectionSlot>> slots_
      TIERCEL_GUARDED_BY(mutex_);

  void leave(ConnectionSlot& slot) TIERCEL_REQUIRES(mutex_);
};

}  // namespace tiercel::http
