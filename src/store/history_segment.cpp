#include "history_segment.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include <unistd.h>

namespace tiercel::store {

namespace {

constexpr const char* kColumns =
    "SELECT row,id,time,stored,priority,rule,tags,user,namespace,cluster,body FROM alerts ";

// The texts of a row in Page::bytes, in this order behind the id.
constexpr int kFirstText = 5;
constexpr int kTexts = 6;

/// A transaction that stays open keeps the daemon from beginning its WAL anew.
constexpr std::chrono::milliseconds kMaxTransaction{50};

bool has_wal(const std::string& file) { return ::access((file + "-wal").c_str(), F_OK) == 0; }

}  // namespace

bool HistorySegment::is_exchanged() const {
  const auto now = file_identity(file_);
  return now && identity_ && *now != *identity_;
}

base::Result<void> HistorySegment::open() {
  if (database_) {
    return {};
  }
  // Looked at before the WAL is, so that a daemon that begins between is noticed.
  const auto state = file_state(file_);
  const bool stands_alone = !has_wal(file_);
  auto opened =
      Database::open(file_, {}, stands_alone ? Database::Access::kAlone : Database::Access::kRead);
  if (!opened) {
    return opened.error();
  }
  database_ = std::move(*opened);
  database_.leave_wal_on_close();
  alone_ = stands_alone ? state : std::nullopt;
  return {};
}

void HistorySegment::close() {
  for (Statement* statement : {&rows_, &ids_up_, &ids_down_}) {
    *statement = Statement();
  }
  database_.close();
  alone_.reset();
}

bool HistorySegment::is_stale() const {
  if (!alone_) {
    return false;
  }
  // One that was removed stays what it was, as long as it is open.
  const auto now = file_state(file_);
  return now && (*now != *alone_ || has_wal(file_));
}

base::Result<void> HistorySegment::read(const Reading& reading) {
  for (;;) {
    if (is_stale()) {
      close();
    }
    auto done = open();
    if (done) {
      done = reading(database_);
    }
    // A daemon that writes has made a WAL, and with locks nothing is read twice.
    if (!is_stale()) {
      return done;
    }
  }
}

base::Result<Statement*> HistorySegment::statement(Kind kind) {
  Statement& statement = kind == Kind::kRows ? rows_ : kind == Kind::kIdsUp ? ids_up_ : ids_down_;
  if (!statement) {
    std::string text = kColumns;
    switch (kind) {
      case Kind::kRows:
        text += "WHERE row>?1 ORDER BY row LIMIT ?2";
        break;
      case Kind::kIdsUp:
        text += "WHERE id>?1 AND id<?3 ORDER BY id LIMIT ?2";
        break;
      case Kind::kIdsDown:
        text += "WHERE id>?1 AND id<?3 ORDER BY id DESC LIMIT ?2";
        break;
    }
    auto prepared = database_.prepare(text);
    if (!prepared) {
      return prepared.error();
    }
    statement = std::move(*prepared);
  }
  return &statement;
}

base::Result<void> HistorySegment::fill(Statement& statement, Page& page) const {
  struct Lengths {
    std::size_t texts[kTexts];
  };
  std::vector<Lengths> lengths;
  const auto begun = std::chrono::steady_clock::now();
  bool is_late = false;
  page.alerts.clear();
  page.bytes.clear();
  Statement::Step step = statement.step();
  for (; step == Statement::Step::kRow && !is_late; step = statement.step()) {
    StoredAlert alert;
    alert.position = Position{number_} << 32U | static_cast<std::uint32_t>(statement.integer(0));
    const std::string_view id = statement.bytes(1);
    std::memcpy(alert.id.data(), id.data(), std::min(id.size(), alert.id.size()));
    alert.time = statement.integer(2);
    alert.stored = statement.integer(3);
    alert.priority = static_cast<std::uint8_t>(statement.integer(4));
    Lengths& length = lengths.emplace_back();
    for (int at = 0; at < kTexts; ++at) {
      const std::string_view text = statement.bytes(kFirstText + at);
      length.texts[at] = text.size();
      page.bytes += text;
    }
    page.alerts.push_back(alert);
    is_late = std::chrono::steady_clock::now() - begun > kMaxTransaction;
  }
  statement.reset();
  if (step == Statement::Step::kError) {
    return database_.error("reading alerts");
  }
  // Now that the bytes do not move any more.
  std::string_view rest = page.bytes;
  for (std::size_t at = 0; at < page.alerts.size(); ++at) {
    StoredAlert& alert = page.alerts[at];
    std::string_view* const texts[kTexts] = {&alert.rule,       &alert.tags,    &alert.user,
                                             &alert.name_space, &alert.cluster, &alert.body};
    for (int text = 0; text < kTexts; ++text) {
      *texts[text] = rest.substr(0, lengths[at].texts[text]);
      rest.remove_prefix(lengths[at].texts[text]);
    }
  }
  page.more = is_late || page.alerts.size() == kHistoryRows;
  return {};
}

base::Result<void> HistorySegment::read_rows(std::uint32_t row, Page& page) {
  return read([&](Database&) -> base::Result<void> {
    const auto rows = statement(Kind::kRows);
    if (!rows) {
      return rows.error();
    }
    (*rows)->bind(1, std::int64_t{row}).bind(2, std::int64_t{kHistoryRows});
    return fill(**rows, page);
  });
}

base::Result<void> HistorySegment::read_ids(const std::string& low, const std::string& high,
                                            Order order, Page& page) {
  return read([&](Database&) -> base::Result<void> {
    const auto ids = statement(order == Order::kUp ? Kind::kIdsUp : Kind::kIdsDown);
    if (!ids) {
      return ids.error();
    }
    (*ids)->bind_blob(1, low).bind(2, std::int64_t{kHistoryRows}).bind_blob(3, high);
    return fill(**ids, page);
  });
}

base::Result<std::uint32_t> HistorySegment::last_row() {
  std::uint32_t last = 0;
  const auto done = read([&last](Database& database) -> base::Result<void> {
    const auto row = database.number("SELECT max(row) FROM alerts");
    if (!row) {
      return row.error();
    }
    last = static_cast<std::uint32_t>(*row);
    return {};
  });
  if (!done) {
    return done.error();
  }
  return last;
}

}  // namespace tiercel::store
