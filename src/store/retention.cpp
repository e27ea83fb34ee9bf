#include "retention.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "schema.h"

namespace tiercel::store {

namespace {

/// With a low disk the store keeps at least this much, or it could take nothing at all.
constexpr std::uint64_t kLeastCap = std::uint64_t{64} << 20U;
/// Pages that a commit writes beside those of its alerts, and a segment begun after it.
constexpr std::uint64_t kCommitOverhead = std::uint64_t{48} << 10U;
/// After the start no segment is too old for so long: the clock may be wrong until NTP has
/// set it.
constexpr std::chrono::minutes kAgeGrace{10};
/// While room is needed a segment may be unreadable for so long before it is given up, or the
/// store would refuse everything for all outputs. Its output reads it once a second: files that
/// were short for a moment, or a disk that was reset, are back by then.
constexpr std::chrono::seconds kReadPatience{10};

std::int64_t nanoseconds(std::chrono::nanoseconds duration) { return duration.count(); }

}  // namespace

std::uint64_t least_free(std::uint64_t min_free, std::uint32_t min_free_percent,
                         std::uint64_t total) {
  return std::max(min_free, total / 100 * std::min(min_free_percent, 100U));
}

Retention::Retention(Parts parts)
    : options_(parts.options),
      place_(parts.place),
      catalog_(parts.catalog),
      overdue_(parts.overdue),
      clock_(parts.clock),
      metrics_(parts.metrics),
      tell_(std::move(parts.tell)) {}

std::uint64_t Retention::cap() const {
  return is_low_ ? std::min(options_.max_size, low_cap_) : options_.max_size;
}

std::uint64_t Retention::segment_size() const {
  // Small enough that removing one segment does not remove most of the history.
  return std::min(options_.segment_size, std::max<std::uint64_t>(cap() / 8, 1));
}

void Retention::look_at_disk() {
  if (place_.in_memory() || (options_.min_free == 0 && options_.min_free_percent == 0)) {
    return;
  }
  const auto space = options_.disk ? options_.disk() : disk_space(place_.folder);
  if (!space) {
    return;
  }
  const std::uint64_t least =
      least_free(options_.min_free, options_.min_free_percent, space->total);
  // Without a step between the two it would begin and end all the time.
  const std::uint64_t enough = least + (is_low_ ? std::min(least / 20, kLeastCap) : 0);
  const bool is_low = space->free < enough;
  if (is_low == is_low_) {
    return;
  }
  is_low_ = is_low;
  const std::vector<std::pair<std::string, std::string>> fields{
      {"path", place_.folder},
      {"free", std::to_string(space->free)},
      {"wanted", std::to_string(least)}};
  if (is_low) {
    low_cap_ = std::max(kLeastCap, catalog_.bytes());
    tell_({"store_low_disk",
           "the disk of the alert store has " + bytes_text(space->free) + " free, less than " +
               bytes_text(least) + " (store.min_free, store.min_free_percent): the store in " +
               place_.folder + " stops growing at " + bytes_text(cap()) +
               " and removes its oldest alerts as new ones come; free disk space",
           fields});
  } else {
    tell_({"store_disk_ok",
           "the disk of the alert store in " + place_.folder +
               " has room again: " + bytes_text(space->free) + " free",
           fields});
  }
}

bool Retention::is_too_old(const Segment& segment) const {
  if (segment.rows == 0) {
    return false;
  }
  const bool is_settled = clock_.passed() >= nanoseconds(kAgeGrace);
  return is_settled && clock_.now() - segment.last_stored > nanoseconds(options_.max_age);
}

Retention::Step Retention::step() {
  const bool is_over = catalog_.bytes() > target();
  std::shared_ptr<Segment> oldest;
  std::shared_ptr<Segment> active;
  bool is_oldest_old = false;
  for (const auto& segment : catalog_.segments()) {
    if (!segment->is_sealed) {
      active = segment;
      continue;
    }
    const bool is_old = is_too_old(*segment);
    if (is_over || is_old) {
      if (catalog_.all_passed(*segment)) {
        remove(*segment);
        return Step::kRemoved;
      }
      if (oldest == nullptr) {
        oldest = segment;
        is_oldest_old = is_old;
      }
    }
  }
  if (oldest != nullptr && (is_over || is_oldest_old)) {
    demand(*oldest);
    return catalog_.all_passed(*oldest) ? Step::kRemoved : Step::kDone;
  }
  if (active != nullptr && active->rows != 0 && (is_over || is_too_old(*active))) {
    return Step::kRoll;
  }
  catalog_.drop_demands();
  return Step::kDone;
}

bool Retention::free_something() {
  for (const auto& segment : catalog_.segments()) {
    if (segment->is_sealed && catalog_.all_passed(*segment)) {
      remove(*segment);
      return true;
    }
  }
  return false;
}

bool Retention::refuses(std::uint64_t bytes) const {
  const std::uint64_t held = catalog_.bytes();
  // First to the WAL, then to the segment.
  return held > target() && held + 2 * bytes + kCommitOverhead > cap();
}

void Retention::remove(const Segment& segment) {
  catalog_.remove(segment.number);
  if (!place_.in_memory()) {
    remove_segment(segment.file);
    static_cast<void>(sync_folder(place_.folder));
  }
  metrics_.add(base::Metric::kStoreDeletedSegments);
}

void Retention::demand(const Segment& segment) {
  const std::int64_t steady = clock_.steady();
  for (const std::string& output : catalog_.outputs()) {
    if (catalog_.undelivered(output, segment) == 0) {
      continue;
    }
    const std::int64_t since = catalog_.demand(output, segment, steady);
    const auto unreadable = catalog_.unreadable(output, segment, steady);
    if (steady - since < nanoseconds(options_.yield_timeout)) {
      continue;
    }
    if (!overdue_.tell(output)) {
      drop(output, segment, "output " + output + " did not give way", "the output");
    } else if (unreadable && steady - unreadable->since >= nanoseconds(kReadPatience)) {
      drop(output, segment,
           "a segment that output " + output + " must pass cannot be read (" +
               unreadable->error.text() + ")",
           "the disk");
    }
  }
}

void Retention::drop(const std::string& output, const Segment& segment, const std::string& why,
                     const char* to_mend) {
  const std::uint64_t alerts = catalog_.undelivered(output, segment);
  catalog_.advance(output, make_position(segment.number, segment.rows));
  if (alerts == 0) {
    return;
  }
  metrics_.add(base::Metric::kDropsStoreFull, alerts);
  catalog_.set_dropped(clock_.steady());
  tell_({"store_dropped",
         "the alert store had no room left and " + why + ": " + std::to_string(alerts) +
             " alerts that it had not delivered are lost for it; mend " + to_mend +
             ", or raise store.max_size",
         {{"output", output}, {"alerts", std::to_string(alerts)}}});
}

}  // namespace tiercel::store
