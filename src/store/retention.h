#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "tiercel/base/agreed_clock.h"
#include "tiercel/base/clock.h"
#include "tiercel/base/metrics.h"
#include "tiercel/store/store.h"

#include "catalog.h"
#include "overdue.h"
#include "segment.h"

namespace tiercel::store {

/// Keeps the store within its size, its age and the disk's room. In this order: segments that
/// every output has passed are removed; outputs that hold the oldest one are asked to pass it
/// (dead letters); where an output has not passed one in time another is told to (Overdue), and
/// only where there is nobody, or it cannot be read, is it dropped for the output, and counted.
///
/// Runs on: the writer thread.
class Retention {
 public:
  using Tell = std::function<void(StoreEvent)>;

  struct Parts {
    const StoreOptions& options;
    const SegmentPlace& place;
    Catalog& catalog;
    const Overdue& overdue;
    const base::AgreedClock& clock;
    base::Metrics& metrics;
    Tell tell;
  };
  explicit Retention(Parts parts);

  /// Whether the disk is low; tells when that begins and ends.
  void look_at_disk();
  enum class Step : std::uint8_t {
    kDone,     ///< within the limits, or waiting for an output
    kRemoved,  ///< a segment is gone; look again
    kRoll,     ///< only the active segment is left: a new one is needed
  };
  [[nodiscard]] Step step();
  /// After a write that found no room: removes the oldest segment that all have passed.
  [[nodiscard]] bool free_something();
  /// A group of that size would grow the store beyond what it may have.
  [[nodiscard]] bool refuses(std::uint64_t bytes) const;
  [[nodiscard]] bool is_low() const { return is_low_; }
  /// From when on the active segment is full.
  [[nodiscard]] std::uint64_t segment_size() const;

 private:
  /// What the store may hold at most.
  [[nodiscard]] std::uint64_t cap() const;
  /// From there on room is made.
  [[nodiscard]] std::uint64_t target() const { return cap() - cap() / 8; }
  [[nodiscard]] bool is_too_old(const Segment& segment) const;
  void remove(const Segment& segment);
  /// Asks those that hold the segment to pass it; others for those that were asked long ago.
  void demand(const Segment& segment);
  void drop(const std::string& output, const Segment& segment, const std::string& why,
            const char* to_mend);

  const StoreOptions& options_;
  const SegmentPlace& place_;
  Catalog& catalog_;
  const Overdue& overdue_;
  const base::AgreedClock& clock_;
  base::Metrics& metrics_;
  const Tell tell_;
  bool is_low_ = false;
  std::uint64_t low_cap_ = 0;  ///< while the disk is low
};

}  // namespace tiercel::store
