#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/base/error.h"

namespace tiercel::store {

/// Where an alert stands in the store: the number of its segment in the upper 32 bits, the
/// row in the lower. Grows with every alert; 0 stands before the first.
using Position = std::uint64_t;

/// One alert as it was stored. Its views look into the Page that holds it.
struct StoredAlert {
  Position position = 0;
  std::array<std::uint8_t, 16> id{};
  std::int64_t time = 0;    ///< of the event, nanoseconds since the epoch
  std::int64_t stored = 0;  ///< when it was stored, nanoseconds since the epoch
  std::uint8_t priority = 0;
  std::string_view rule;
  std::string_view tags;  ///< a comma between
  std::string_view user;
  std::string_view name_space;
  std::string_view cluster;
  std::string_view body;  ///< the whole alert as JSON, newline included
};

/// A run of alerts, read in one short transaction. Reused from read to read.
struct Page {
  std::vector<StoredAlert> alerts;
  Position end = 0;   ///< everything up to here has been read, gaps included
  bool more = false;  ///< there was more than the limits allowed
  std::string bytes;  ///< what the alerts' views look into
};

struct PageLimits {
  std::size_t alerts = 1000;
  std::size_t bytes = std::size_t{4} << 20U;  ///< one alert is read however long it is
};

/// How far an output is behind.
struct Lag {
  std::uint64_t alerts = 0;  ///< stored and not delivered yet
  std::int64_t oldest = 0;   ///< when the oldest of them was stored, ns; 0: none
};

/// What one output reads the store through. The cursor says how far it has delivered; it
/// is on disk, and a new output begins with what is stored after it was added.
///
/// Runs on: the output's thread, but for wake().
class Feed {
 public:
  Feed() = default;
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;
  virtual ~Feed() = default;

  /// Reads what follows `after` into `page`, which becomes empty where there is nothing.
  [[nodiscard]] virtual base::Result<void> read(Position after, const PageLimits& limits,
                                                Page& page) = 0;
  /// Gives back what reading holds open; the next read opens it again.
  virtual void rest() = 0;
  /// Until something is stored behind `after`, wake() is called, or the time is over.
  virtual void wait(Position after, std::chrono::milliseconds timeout) = 0;
  /// Ends the present or the next wait(). Any thread.
  virtual void wake() = 0;
  /// Everything up to here has been delivered, or given up on purpose. Reaches the disk
  /// with the next group commit, or within two seconds; never waits.
  virtual void advance(Position delivered) = 0;
  /// The last advance(), or where the output stood when the store was opened.
  [[nodiscard]] virtual Position cursor() const = 0;
  /// Set where the store needs room: what is undelivered up to here must go to the dead
  /// letters now, and the cursor must advance past it.
  [[nodiscard]] virtual std::optional<Position> must_pass() const = 0;
  /// What is called, on the store's thread, when must_pass() was not followed in time; as long
  /// as it is set the store drops nothing for this output. It returns at once. The last one set
  /// by a feed of the output counts, and outlives the feed; empty: none. Returns when a call in
  /// hand has ended.
  virtual void on_overdue(std::function<void()> tell) = 0;
  [[nodiscard]] virtual Lag lag() const = 0;
};

}  // namespace tiercel::store
