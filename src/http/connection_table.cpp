#include "connection_table.h"

#include <tuple>
#include <utility>

namespace tiercel::http {

namespace {

/// Smaller goes first. In a stage with a body: bytes a second; otherwise the longest there.
std::tuple<Stage, std::uint64_t, std::int64_t> progress(const ConnectionSlot& slot,
                                                        std::int64_t now) {
  const Stage stage = slot.stage.load(std::memory_order_relaxed);
  const std::int64_t since = slot.since.load(std::memory_order_relaxed);
  const auto milliseconds = static_cast<std::uint64_t>((now - since) / 1'000'000 + 1);
  const std::uint64_t rate = stage == Stage::kBody
                                 ? slot.bytes.load(std::memory_order_relaxed) * 1000 /
                                       (milliseconds == 0 ? 1 : milliseconds)
                                 : 0;
  return {stage, rate, since};
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
  const std::uint32_t held = ++staying_[slot->peer];
  ++staying_total_;
  Admitted admitted{.slot = slot, .victim = std::nullopt};
  if (held > limit_per_peer_) {
    admitted.victim = choose(slot->peer, slot->id, now);
  } else if (staying_total_ > limit_) {
    admitted.victim = choose(largest_peer(), slot->id, now);
  }
  return admitted;
}

std::optional<ConnectionTable::Victim> ConnectionTable::spare(std::int64_t now) {
  const base::MutexLock lock(mutex_);
  return choose(largest_peer(), 0, now);
}

std::string ConnectionTable::largest_peer() const {
  const std::pair<const std::string, std::uint32_t>* largest = nullptr;
  for (const auto& entry : staying_) {
    if (largest == nullptr || entry.second > largest->second) {
      largest = &entry;
    }
  }
  return largest == nullptr ? std::string() : largest->first;
}

std::optional<ConnectionTable::Victim> ConnectionTable::choose(const std::string& peer,
                                                               std::uint64_t except,
                                                               std::int64_t now) {
  ConnectionSlot* worst = nullptr;
  for (const auto& [id, slot] : slots_) {
    if (id == except || slot->leaving || slot->peer != peer) {
      continue;
    }
    if (worst == nullptr || progress(*slot, now) < progress(*worst, now)) {
      worst = slot.get();
    }
  }
  if (worst == nullptr) {
    return std::nullopt;
  }
  leave(*worst);
  return Victim{.id = worst->id, .thread = worst->thread};
}

void ConnectionTable::leave(ConnectionSlot& slot) {
  slot.leaving = true;
  --staying_total_;
  const auto held = staying_.find(slot.peer);
  if (held != staying_.end() && --held->second == 0) {
    staying_.erase(held);
  }
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
