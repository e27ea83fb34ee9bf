#include "store_feed.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace tiercel::store {

namespace {

/// A transaction that stays open keeps the WAL from being begun anew.
constexpr std::chrono::milliseconds kMaxTransaction{50};
/// The clock is looked at every so many rows.
constexpr unsigned kClockRows = 16;
/// Of the statement's columns the texts and the body: rule, tags, user, namespace, cluster, body.
constexpr int kFirstText = 5;

}  // namespace

void StoreFeed::Reader::close() {
  rows = Statement();
  stored = Statement();
  database.close();
  segment.reset();
}

base::Result<void> StoreFeed::open(Reader& reader, const std::shared_ptr<Segment>& segment) const {
  if (reader.segment == segment) {
    return {};
  }
  reader.close();
  auto database = open_for_reading(place_, *segment);
  if (!database) {
    return database.error();
  }
  auto rows = database->prepare(
      "SELECT row, id, time, stored, priority, rule, tags, user, namespace, cluster, body"
      " FROM alerts WHERE row>?1 ORDER BY row");
  auto stored = database->prepare("SELECT stored FROM alerts WHERE row>=?1 ORDER BY row LIMIT 1");
  if (!rows || !stored) {
    return rows ? stored.error() : rows.error();
  }
  reader.database = std::move(*database);
  reader.rows = std::move(*rows);
  reader.stored = std::move(*stored);
  reader.segment = segment;
  return {};
}

base::Result<void> StoreFeed::read(Position after, const PageLimits& limits, Page& page) {
  page.alerts.clear();
  page.bytes.clear();
  page.end = after;
  page.more = false;
  lengths_.clear();
  if (reader_.segment != nullptr && reader_.segment->is_gone) {
    reader_.close();
  }
  Stop stop = Stop::kEnd;
  while (stop != Stop::kLimit) {
    auto unread = catalog_.unread(output_, page.end);
    if (!unread) {
      break;
    }
    Segment& segment = *unread->segment;
    // Sealed first: then its rows are all there will be.
    const bool is_sealed = segment.is_sealed;
    const std::uint32_t rows = segment.rows;
    auto opened = open(reader_, unread->segment);
    base::Result<Stop> result = opened ? read_rows(unread->row, limits, page) : opened.error();
    if (!result) {
      catalog_.report(unread->segment, result.error());
      catalog_.cannot_read(output_, segment.number, result.error());
      failed_ = segment.number;
      reader_.close();
      if (page.alerts.empty()) {
        return result.error();
      }
      page.more = true;
      break;
    }
    if (std::exchange(failed_, 0) != 0) {
      catalog_.can_read(output_);
    }
    stop = *result;
    const std::uint32_t row = stop == Stop::kEnd ? std::max(unread->row, rows) : unread->row;
    page.end = make_position(segment.number, row);
    if (is_sealed && row >= rows) {
      page.end = make_position(segment.number + 1, 0);
      reader_.close();
    }
  }
  if (stop == Stop::kLimit) {
    page.more = catalog_.unread(output_, page.end).has_value();
  }
  place_views(page);
  return {};
}

base::Result<StoreFeed::Stop> StoreFeed::read_rows(std::uint32_t& row, const PageLimits& limits,
                                                   Page& page) {
  const auto begun = std::chrono::steady_clock::now();
  Statement& rows = reader_.rows;
  rows.bind(1, row);
  Stop stop = Stop::kEnd;
  for (unsigned count = 1;; ++count) {
    const Statement::Step step = rows.step();
    if (step == Statement::Step::kError) {
      const base::Error error = reader_.database.error("reading the alert store");
      rows.reset();
      return error;
    }
    if (step == Statement::Step::kDone) {
      break;
    }
    const std::size_t length = rows.bytes(10).size();
    if (!page.alerts.empty() &&
        (page.alerts.size() >= limits.alerts || page.bytes.size() + length > limits.bytes)) {
      stop = Stop::kLimit;
      break;
    }
    add_row(page);
    row = static_cast<std::uint32_t>(rows.integer(0));
    page.alerts.back().position = make_position(reader_.segment->number, row);
    if (count % kClockRows == 0 && std::chrono::steady_clock::now() - begun > kMaxTransaction) {
      stop = Stop::kTime;
      break;
    }
  }
  rows.reset();
  return stop;
}

void StoreFeed::add_row(Page& page) {
  const Statement& rows = reader_.rows;
  StoredAlert alert;
  const std::string_view id = rows.bytes(1);
  std::copy_n(id.begin(), std::min(id.size(), alert.id.size()), alert.id.begin());
  alert.time = rows.integer(2);
  alert.stored = rows.integer(3);
  alert.priority = static_cast<std::uint8_t>(rows.integer(4));
  page.alerts.push_back(alert);
  std::array<std::size_t, 6>& lengths = lengths_.emplace_back();
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const std::string_view text = rows.bytes(kFirstText + static_cast<int>(i));
    lengths[i] = text.size();
    page.bytes += text;
  }
}

void StoreFeed::place_views(Page& page) const {
  std::string_view rest = page.bytes;
  const auto next = [&rest](std::size_t length) {
    const std::string_view text = rest.substr(0, length);
    rest.remove_prefix(length);
    return text;
  };
  for (std::size_t i = 0; i < page.alerts.size(); ++i) {
    StoredAlert& alert = page.alerts[i];
    alert.rule = next(lengths_[i][0]);
    alert.tags = next(lengths_[i][1]);
    alert.user = next(lengths_[i][2]);
    alert.name_space = next(lengths_[i][3]);
    alert.cluster = next(lengths_[i][4]);
    alert.body = next(lengths_[i][5]);
  }
}

void StoreFeed::wait(Position after, std::chrono::milliseconds timeout) {
  catalog_.wait(output_, after, timeout, is_awake_);
}

void StoreFeed::wake() { catalog_.wake(is_awake_); }

void StoreFeed::advance(Position delivered) { catalog_.advance(output_, delivered); }

Position StoreFeed::cursor() const { return catalog_.cursor(output_); }

std::optional<Position> StoreFeed::must_pass() const { return catalog_.must_pass(output_); }

void StoreFeed::on_overdue(std::function<void()> tell) { overdue_.set(output_, std::move(tell)); }

Lag StoreFeed::lag() const {
  Lag lag;
  lag.alerts = catalog_.undelivered(output_);
  const auto unread = catalog_.unread(output_, cursor());
  if (!unread) {
    oldest_reader_.close();
    return lag;
  }
  const Position position = make_position(unread->segment->number, unread->row + 1);
  if (position != oldest_position_ && open(oldest_reader_, unread->segment)) {
    Statement& stored = oldest_reader_.stored;
    stored.bind(1, std::int64_t{unread->row} + 1);
    if (stored.step() == Statement::Step::kRow) {
      oldest_ = stored.integer(0);
      oldest_position_ = position;
    }
    stored.reset();
  }
  lag.oldest = position == oldest_position_ ? oldest_ : 0;
  return lag;
}

}  // namespace tiercel::store
