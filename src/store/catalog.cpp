#include "catalog.h"

#include <algorithm>
#include <utility>

#include "schema.h"

namespace tiercel::store {

namespace {

std::uint64_t count_behind(std::uint32_t rows, std::uint32_t row) {
  return row < rows ? rows - row : 0;
}

}  // namespace

void Catalog::add(SegmentPointer segment) {
  const base::MutexLock lock(mutex_);
  segments_[segment->number] = std::move(segment);
}

void Catalog::remove(std::uint32_t number) {
  const base::MutexLock lock(mutex_);
  const auto found = segments_.find(number);
  if (found == segments_.end()) {
    return;
  }
  found->second->is_gone = true;
  segments_.erase(found);
  cursors_.forget_segment(number);
  stored_.notify_all();
}

std::vector<Catalog::SegmentPointer> Catalog::segments() const {
  const base::MutexLock lock(mutex_);
  std::vector<SegmentPointer> result;
  for (const auto& [number, segment] : segments_) {
    result.push_back(segment);
  }
  return result;
}

std::uint64_t Catalog::bytes() const {
  const base::MutexLock lock(mutex_);
  std::uint64_t sum = 0;
  for (const auto& [number, segment] : segments_) {
    sum += segment->bytes;
  }
  return sum;
}

void Catalog::start(Cursors cursors, Positions positions) {
  const base::MutexLock lock(mutex_);
  cursors_ = std::move(cursors);
  positions_ = std::move(positions);
  for (const std::string& output : cursors_.outputs()) {
    places_[output] = first_undelivered(output);
  }
}

void Catalog::add_output(const std::string& output) {
  const base::MutexLock lock(mutex_);
  if (places_.contains(output)) {
    return;
  }
  cursors_.add_output(output);
  for (const auto& [number, segment] : segments_) {
    cursors_.begin_at(output, number, segment->is_sealed ? kWholeSegment : segment->rows.load());
  }
  places_[output] = first_undelivered(output);
}

std::uint64_t Catalog::remove_output(const std::string& output) {
  const base::MutexLock lock(mutex_);
  std::uint64_t undelivered = 0;
  for (const auto& [number, segment] : segments_) {
    undelivered += count_behind(segment->rows, cursors_.row(output, number));
  }
  cursors_.remove_output(output);
  places_.erase(output);
  demands_.erase(output);
  failing_.erase(output);
  return undelivered;
}

void Catalog::begin_segment(std::uint32_t number) {
  const base::MutexLock lock(mutex_);
  cursors_.begin_segment(number);
}

Position Catalog::first_undelivered(std::string_view output) const {
  Position last = 0;
  for (const auto& [number, segment] : segments_) {
    const std::uint32_t row = cursors_.row(output, number);
    if (row < segment->rows) {
      return make_position(number, row);
    }
    last = make_position(number, segment->rows);
  }
  return last;
}

std::optional<Catalog::Unread> Catalog::find_unread(std::string_view output, Position after) const {
  for (auto at = segments_.lower_bound(segment_of(after)); at != segments_.end(); ++at) {
    std::uint32_t row = cursors_.row(output, at->first);
    if (at->first == segment_of(after)) {
      row = std::max(row, row_of(after));
    }
    if (row < at->second->rows) {
      return Unread{at->second, row};
    }
  }
  return std::nullopt;
}

std::optional<Catalog::Unread> Catalog::unread(std::string_view output, Position after) const {
  const base::MutexLock lock(mutex_);
  return find_unread(output, after);
}

Position Catalog::cursor(std::string_view output) const {
  const base::MutexLock lock(mutex_);
  const auto found = places_.find(output);
  return found == places_.end() ? 0 : found->second;
}

void Catalog::advance(std::string_view output, Position delivered) {
  const base::MutexLock lock(mutex_);
  const auto place = places_.find(output);
  if (place == places_.end() || delivered <= place->second) {
    return;
  }
  // What stands before the place is known already; a segment that cannot be read now is in
  // no catalog, and nothing is said of it.
  auto at = segments_.lower_bound(segment_of(place->second));
  for (; at != segments_.end() && at->first < segment_of(delivered); ++at) {
    cursors_.join(output, at->first, kWholeSegment);
  }
  if (at != segments_.end() && at->first == segment_of(delivered)) {
    cursors_.join(output, at->first, row_of(delivered));
  }
  place->second = delivered;
}

std::uint64_t Catalog::undelivered(std::string_view output, const Segment& segment) const {
  const base::MutexLock lock(mutex_);
  return count_behind(segment.rows, cursors_.row(output, segment.number));
}

std::uint64_t Catalog::undelivered(std::string_view output) const {
  const base::MutexLock lock(mutex_);
  std::uint64_t sum = 0;
  for (const auto& [number, segment] : segments_) {
    sum += count_behind(segment->rows, cursors_.row(output, number));
  }
  return sum;
}

bool Catalog::all_passed(const Segment& segment) const {
  const base::MutexLock lock(mutex_);
  return cursors_.least_row(segment.number) >= segment.rows;
}

std::vector<std::string> Catalog::lagging() const {
  const base::MutexLock lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [number, segment] : segments_) {
    for (const std::string& output : cursors_.outputs()) {
      if (count_behind(segment->rows, cursors_.row(output, number)) != 0) {
        names.push_back(output);
      }
    }
    if (!names.empty()) {
      break;
    }
  }
  return names;
}

std::vector<std::string> Catalog::outputs() const {
  const base::MutexLock lock(mutex_);
  return cursors_.outputs();
}

std::int64_t Catalog::demand(std::string_view output, const Segment& segment, std::int64_t steady) {
  const base::MutexLock lock(mutex_);
  const Position position = make_position(segment.number, segment.rows);
  Demand& demand = demands_[std::string(output)];
  if (demand.position != position) {
    demand = {position, steady};
    stored_.notify_all();
  }
  return demand.since;
}

void Catalog::drop_demands() {
  const base::MutexLock lock(mutex_);
  demands_.clear();
}

std::optional<Position> Catalog::must_pass(std::string_view output) const {
  const base::MutexLock lock(mutex_);
  const auto demand = demands_.find(output);
  const auto place = places_.find(output);
  if (demand == demands_.end() || place == places_.end() ||
      place->second >= demand->second.position) {
    return std::nullopt;
  }
  return demand->second.position;
}

void Catalog::cannot_read(std::string_view output, std::uint32_t segment,
                          const base::Error& error) {
  const base::MutexLock lock(mutex_);
  Failing& failing = failing_[std::string(output)];
  if (failing.segment != segment) {
    failing = {segment, {}, {}};
  }
  failing.error = error;
}

void Catalog::can_read(std::string_view output) {
  const base::MutexLock lock(mutex_);
  if (const auto found = failing_.find(output); found != failing_.end()) {
    failing_.erase(found);
  }
}

std::optional<Catalog::Unreadable> Catalog::unreadable(std::string_view output,
                                                       const Segment& segment,
                                                       std::int64_t steady) {
  const base::MutexLock lock(mutex_);
  const auto found = failing_.find(output);
  if (found == failing_.end() || found->second.segment != segment.number) {
    return std::nullopt;
  }
  Failing& failing = found->second;
  failing.since = failing.since.value_or(steady);
  return Unreadable{failing.error, *failing.since};
}

void Catalog::wait(std::string_view output, Position after, std::chrono::milliseconds timeout,
                   bool& awake) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  const base::MutexLock lock(mutex_);
  const auto demanded = [&]() TIERCEL_REQUIRES(mutex_) {
    const auto demand = demands_.find(output);
    const auto place = places_.find(output);
    return demand != demands_.end() && place != places_.end() &&
           place->second < demand->second.position;
  };
  const bool was_demanded = demanded();
  while (!awake && !find_unread(output, after) && demanded() == was_demanded) {
    if (stored_.wait_until(mutex_, deadline) == std::cv_status::timeout) {
      break;
    }
  }
  awake = false;
}

void Catalog::wake(bool& awake) {
  const base::MutexLock lock(mutex_);
  awake = true;
  stored_.notify_all();
}

SegmentStart Catalog::segment_start(std::uint32_t number, std::int64_t begun) const {
  const base::MutexLock lock(mutex_);
  Cursors cursors = cursors_;
  cursors.begin_segment(number);
  return {number, begun, cursors.all(), positions_};
}

bool Catalog::has_cursor_changes() const {
  const base::MutexLock lock(mutex_);
  return cursors_.has_changes();
}

std::vector<CursorRow> Catalog::take_cursor_changes() {
  const base::MutexLock lock(mutex_);
  return cursors_.take_changes();
}

void Catalog::put_back_cursors(const std::vector<CursorRow>& rows) {
  const base::MutexLock lock(mutex_);
  cursors_.put_back(rows);
}

void Catalog::committed(Segment& segment, std::uint32_t rows,
                        const std::vector<const SourcePosition*>& positions,
                        std::chrono::nanoseconds duration) {
  const base::MutexLock lock(mutex_);
  segment.rows = rows;
  for (const SourcePosition* position : positions) {
    if (position->value.empty()) {
      positions_.erase({position->source, position->key});
    } else {
      positions_[{position->source, position->key}] = position->value;
    }
  }
  ++status_.commits;
  status_.last_commit = duration;
  stored_.notify_all();
}

std::vector<SourcePosition> Catalog::positions(std::string_view source) const {
  const base::MutexLock lock(mutex_);
  std::vector<SourcePosition> result;
  for (const auto& [key, value] : positions_) {
    if (key.first == source) {
      result.push_back({key.first, key.second, value});
    }
  }
  return result;
}

void Catalog::report(SegmentPointer segment, base::Error error) {
  const base::MutexLock lock(mutex_);
  const bool known = std::any_of(reports_.begin(), reports_.end(),
                                 [&](const Report& report) { return report.segment == segment; });
  if (!known) {
    reports_.push_back({std::move(segment), std::move(error)});
  }
}

std::vector<Catalog::Report> Catalog::take_reports() {
  const base::MutexLock lock(mutex_);
  return std::exchange(reports_, {});
}

StoreStatus Catalog::status() const {
  const base::MutexLock lock(mutex_);
  StoreStatus status = status_;
  status.segments = segments_.size();
  for (const auto& [number, segment] : segments_) {
    status.bytes += segment->bytes;
    status.alerts += segment->rows;
  }
  return status;
}

void Catalog::set_full(bool is_full) {
  const base::MutexLock lock(mutex_);
  status_.is_full = is_full;
}

void Catalog::set_unwritable(bool is_unwritable) {
  const base::MutexLock lock(mutex_);
  status_.is_unwritable = is_unwritable;
}

void Catalog::set_refused(std::int64_t steady) {
  const base::MutexLock lock(mutex_);
  status_.last_refused = steady;
}

void Catalog::set_dropped(std::int64_t steady) {
  const base::MutexLock lock(mutex_);
  status_.last_dropped = steady;
}

void Catalog::set_wal_bytes(std::uint64_t bytes) {
  const base::MutexLock lock(mutex_);
  status_.wal_bytes = bytes;
}

}  // namespace tiercel::store
