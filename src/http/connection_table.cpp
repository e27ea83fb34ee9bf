#include "connection_table.h"

#include <algorithm>
#include <compare>
#include <utility>

namespace tiercel::http {

namespace {

/// So long a sender has to show itself before it counts as a stranger, unless its peer sends mostly
/// strangers: where anybody may post, a crowd that has posted must not push out who has just come.
constexpr std::int64_t kGrace = 250'000'000;  // nanoseconds

/// Smaller goes first.
struct Standing {
  bool is_spared = false;  // no stranger
  std::int64_t held = 0;   // negative: of the peer that holds most first
  Stage stage = Stage::kIdle;
  std::uint64_t rate = 0;  // bytes of a body a second
  std::int64_t since = 0;  // the longest there first
  std::uint64_t id = 0;
  // NOLINTNEXTLINE(modernize-use-nullptr): what is compared with 0 is the order, no pointer.
  friend auto operator<=>(const Standing&, const Standing&) = default;
};

Standing standing_of(const ConnectionSlot& slot, std::int64_t now) {
  const HeldByPeer& held = *slot.held;
  const bool is_fresh = now - slot.accepted < kGrace && held.strangers <= held.all - held.strangers;
  const bool is_spared = slot.is_known || is_fresh;
  Standing standing{.is_spared = is_spared,
                    .held = -std::int64_t{is_spared ? held.all : held.strangers},
                    .stage = slot.stage.load(std::memory_order_relaxed),
                    .since = slot.since.load(std::memory_order_relaxed),
                    .id = slot.id};
  if (standing.stage == Stage::kBody) {
    const auto milliseconds =
        static_cast<std::uint64_t>(std::max<std::int64_t>(now - standing.since, 0) / 1'000'000 + 1);
    standing.rate = slot.bytes.load(std::memory_order_relaxed) * 1000 / milliseconds;
  }
  // A sender whom we serve shows itself within milliseconds. So the oldest stranger goes, however
  // it keeps busy: one that drips a header must not outlast one that has just come.
  if (!slot.is_known && (standing.stage == Stage::kIdle || standing.stage == Stage::kHeader)) {
    standing.stage = Stage::kIdle;
    standing.since = slot.accepted;
  }
  return standing;
}

}  // namespace

ConnectionTable::Admitted ConnectionTable::add(std::string peer, std::size_t thread,
                                               std::int64_t now) {
  auto slot = std::make_shared<ConnectionSlot>();
  slot->peer = std::move(peer);
  slot->thread = thread;
  slot->enter(Stage::kIdle, now);
  const base::MutexLock lock(mutex_);
  slot->id = next_id_++;
  slots_.emplace(slot->id, slot);
  slot->accepted = now;
  HeldByPeer& held = staying_[slot->peer];
  slot->held = &held;
  ++held.all;
  ++held.strangers;
  ++staying_total_;
  Admitted admitted{.slot = slot, .victim = std::nullopt};
  if (held.all > limit_per_peer_) {
    admitted.victim = choose(Excess::kOfPeer, &held, slot->id, now);
  } else if (staying_total_ > limit_) {
    admitted.victim = choose(Excess::kInAll, nullptr, slot->id, now);
  }
  return admitted;
}

void ConnectionTable::vouch(ConnectionSlot& slot) {
  const base::MutexLock lock(mutex_);
  if (!slot.is_known && !slot.leaving) {
    slot.is_known = true;
    --slot.held->strangers;
  }
}

std::optional<ConnectionTable::Victim> ConnectionTable::spare(std::int64_t now) {
  const base::MutexLock lock(mutex_);
  return choose(Excess::kDescriptors, nullptr, 0, now);
}

std::optional<ConnectionTable::Victim> ConnectionTable::choose(Excess excess,
                                                               const HeldByPeer* only,
                                                               std::uint64_t except,
                                                               std::int64_t now) {
  ConnectionSlot* worst = nullptr;
  Standing lowest;
  for (const auto& [id, slot] : slots_) {
    if (id == except || slot->leaving || (only != nullptr && slot->held != only)) {
      continue;
    }
    const Standing standing = standing_of(*slot, now);
    if (worst == nullptr || standing < lowest) {
      worst = slot.get();
      lowest = standing;
    }
  }
  if (worst == nullptr) {
    return std::nullopt;
  }
  leave(*worst);
  return Victim{.id = worst->id, .thread = worst->thread, .excess = excess};
}

void ConnectionTable::leave(ConnectionSlot& slot) {
  slot.leaving = true;
  --staying_total_;
  --slot.held->all;
  slot.held->strangers -= slot.is_known ? 0 : 1;
  if (slot.held->all == 0) {
    staying_.erase(slot.peer);
  }
  slot.held = nullptr;
}

void ConnectionTable::remove(std::uint64_t id) {
  const base::MutexLock lock(mutex_);
  const auto found = slots_.find(id);
  if (found == slots_.end()) {
    return;
  }
  if (!found->second->leaving) {
    leave(*found->second);
  }
  slots_.erase(found);
  if (slots_.empty()) {
    emptied_.notify_all();
  }
}

std::size_t ConnectionTable::size() const {
  const base::MutexLock lock(mutex_);
  return slots_.size();
}

std::size_t ConnectionTable::most_of_one_peer() const {
  const base::MutexLock lock(mutex_);
  std::size_t most = 0;
  for (const auto& [peer, held] : staying_) {
    most = std::max<std::size_t>(most, held.all);
  }
  return most;
}

bool ConnectionTable::wait_empty(std::chrono::steady_clock::time_point until) {
  const base::MutexLock lock(mutex_);
  while (!slots_.empty()) {
    if (emptied_.wait_until(mutex_, until) == std::cv_status::timeout) {
      return slots_.empty();
    }
  }
  return true;
}

}  // namespace tiercel::http
