#include "database.h"

#include <cerrno>
#include <cstring>

#include <sqlite3.h>

namespace tiercel::store {

namespace {

/// How long a connection waits for a lock that another one holds.
constexpr std::chrono::milliseconds kBusyTimeout{5000};

struct Advice {
  std::string_view code;
  std::string_view text;
};

bool is_out_of_room(int system_error) {
  return system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG;
}

bool is_not_permitted(int system_error) {
  return system_error == EROFS || system_error == EACCES || system_error == EPERM;
}

Advice advice_for(int code, int system_error) {
  if (is_out_of_room(system_error)) {
    return {fault::kFull, "there is no room; free disk space or raise the quota"};
  }
  if (code == SQLITE_READONLY || is_not_permitted(system_error)) {
    return {fault::kReadOnly,
            "it may not be written; check owner, mode, and whether the file system was mounted "
            "read-only"};
  }
  switch (code) {
    case SQLITE_FULL:
      return {fault::kFull, "there is no room; free disk space or lower store.max_size"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
      return {fault::kDamaged, "the file is damaged"};
    case SQLITE_CANTOPEN:
      return {fault::kMissing, "it cannot be opened; check that it is there, its owner and mode"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {fault::kBusy, "another process holds it; close other programs that have it open"};
    default:
      break;
  }
  return {fault::kIo, "reading or writing failed; check the kernel's log for errors of the disk"};
}

/// What the system said of the last write to the database or its WAL that failed. SQLite's own
/// sqlite3_system_errno() is read too late for that.
int last_system_error(sqlite3* connection) {
  int number = 0;
  sqlite3_file* log = nullptr;
  if (sqlite3_file_control(connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK &&
      log != nullptr && log->pMethods != nullptr) {
    log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &number);
  }
  if (number == 0) {
    sqlite3_file_control(connection, "main", SQLITE_FCNTL_LAST_ERRNO, &number);
  }
  return number != 0 ? number : sqlite3_system_errno(connection);
}

/// A path as part of a URI.
std::string escape_path(std::string_view path) {
  std::string text;
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      constexpr std::string_view kHex = "0123456789abcdef";
      const auto byte = static_cast<unsigned char>(c);
      text += '%';
      text += kHex[byte >> 4U];
      text += kHex[byte & 15U];
    } else {
      text += c;
    }
  }
  return text;
}

base::Error make_error(sqlite3* connection, int code, std::string_view doing,
                       const std::string& name) {
  // Of other codes it is what an earlier failure left.
  const bool from_system = (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN;
  const int system_error = connection != nullptr && from_system ? last_system_error(connection) : 0;
  const Advice advice = advice_for(code & 0xff, system_error);
  std::string message(doing);
  message += " failed: ";
  message += connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
  if (system_error != 0) {
    message += ", ";
    message += std::strerror(system_error);
  }
  message += "; ";
  message += advice.text;
  return base::Error{std::string(advice.code), std::move(message), name};
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Statement& Statement::bind(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), index, value);
  return *this;
}

Statement& Statement::bind_text(int index, std::string_view value) {
  // A null pointer would be bound as NULL.
  const char* data = value.data() != nullptr ? value.data() : "";
  sqlite3_bind_text64(statement_.get(), index, data, value.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind_blob(int index, std::string_view value) {
  const char* data = value.data() != nullptr ? value.data() : "";
  sqlite3_bind_blob64(statement_.get(), index, data, value.size(), SQLITE_STATIC);
  return *this;
}

Statement::Step Statement::step() {
  switch (sqlite3_step(statement_.get())) {
    case SQLITE_ROW:
      return Step::kRow;
    case SQLITE_DONE:
      return Step::kDone;
    default:
      return Step::kError;
  }
}

void Statement::reset() { sqlite3_reset(statement_.get()); }

bool Statement::run() {
  // What went wrong stays readable after the reset, which gives the same code again.
  const bool good = step() != Step::kError;
  reset();
  return good;
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::bytes(int column) const {
  // The blob call asks for no conversion; its length must be asked for afterwards.
  const void* data = sqlite3_column_blob(statement_.get(), column);
  const int length = sqlite3_column_bytes(statement_.get(), column);
  if (data == nullptr || length <= 0) {
    return {};
  }
  return {static_cast<const char*>(data), static_cast<std::size_t>(length)};
}

void Database::Close::operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }

base::Result<Database> Database::open(const std::string& name, const std::string& vfs,
                                      Access access) {
  Database database;
  database.name_ = name;
  sqlite3* connection = nullptr;
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  std::string opened = name;
  if (name.rfind("file:", 0) == 0) {
    flags |= SQLITE_OPEN_URI | SQLITE_OPEN_CREATE;
  } else if (access == Access::kAlone) {
    flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    opened = "file:" + escape_path(name) + "?immutable=1";
  }
  const int code =
      sqlite3_open_v2(opened.c_str(), &connection, flags, vfs.empty() ? nullptr : vfs.c_str());
  database.connection_.reset(connection);
  if (code != SQLITE_OK) {
    return make_error(connection, code, "opening a segment of the alert store", name);
  }
  database.busy_timeout(kBusyTimeout);
  if (access == Access::kRead) {
    if (auto set = database.execute("PRAGMA query_only=1"); !set) {
      return set.error();
    }
  }
  return database;
}

base::Result<Statement> Database::prepare(std::string_view text) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(connection_.get(), text.data(), static_cast<int>(text.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code == SQLITE_ERROR) {
    // Our own statements are right: the tables are not what they were.
    base::Error broken = error("reading the alert store's tables");
    broken.code = fault::kDamaged;
    return broken;
  }
  if (code != SQLITE_OK) {
    return error("reading the alert store's tables");
  }
  Statement result;
  result.statement_.reset(statement);
  return result;
}

base::Result<void> Database::execute(const char* text) {
  if (sqlite3_exec(connection_.get(), text, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return error("using the alert store");
  }
  return {};
}

base::Result<std::int64_t> Database::number(std::string_view text) {
  auto statement = prepare(text);
  if (!statement) {
    return statement.error();
  }
  switch (statement->step()) {
    case Statement::Step::kRow:
      return statement->integer(0);
    case Statement::Step::kDone:
      return std::int64_t{0};
    case Statement::Step::kError:
      break;
  }
  return error("reading the alert store");
}

base::Error Database::error(std::string_view doing) const {
  return make_error(connection_.get(), sqlite3_extended_errcode(connection_.get()), doing, name_);
}

std::int64_t Database::changes() const { return sqlite3_changes64(connection_.get()); }

bool Database::in_transaction() const { return sqlite3_get_autocommit(connection_.get()) == 0; }

void Database::rollback() {
  if (connection_ != nullptr && in_transaction()) {
    sqlite3_exec(connection_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

void Database::leave_wal_on_close() {
  sqlite3_db_config(connection_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

void Database::watch_wal(int* frames) {
  sqlite3_wal_hook(
      connection_.get(),
      [](void* context, sqlite3*, const char*, int count) {
        *static_cast<int*>(context) = count;
        return SQLITE_OK;
      },
      frames);
}

base::Result<void> Database::use_wal() {
  auto statement = prepare("PRAGMA journal_mode=WAL");
  if (!statement) {
    return statement.error();
  }
  if (statement->step() != Statement::Step::kRow) {
    return error("writing to the alert store");
  }
  if (statement->bytes(0) != "wal") {
    return base::Error{std::string(fault::kIo),
                       "the segment cannot be written with a write-ahead log; put store.path on a "
                       "local file system",
                       name_};
  }
  // The mode is told before the change is written and synced.
  if (statement->step() != Statement::Step::kDone) {
    return error("writing to the alert store");
  }
  return {};
}

void Database::busy_timeout(std::chrono::milliseconds timeout) {
  sqlite3_busy_timeout(connection_.get(), static_cast<int>(timeout.count()));
}

base::Result<Database::WalState> Database::checkpoint(Checkpoint kind,
                                                      std::chrono::milliseconds patience) {
  int mode = SQLITE_CHECKPOINT_PASSIVE;
  if (kind == Checkpoint::kRestart) {
    mode = SQLITE_CHECKPOINT_RESTART;
  } else if (kind == Checkpoint::kTruncate) {
    mode = SQLITE_CHECKPOINT_TRUNCATE;
  }
  // A connection that has read nothing yet does not know of the WAL and would do nothing.
  if (auto known = number("SELECT count(*) FROM sqlite_schema"); !known) {
    return known.error();
  }
  WalState state;
  busy_timeout(patience);
  const int code =
      sqlite3_wal_checkpoint_v2(connection_.get(), nullptr, mode, &state.frames, &state.moved);
  busy_timeout(kBusyTimeout);
  if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED) {
    state.busy = true;
    return state;
  }
  if (code != SQLITE_OK) {
    return error("moving the write-ahead log into a segment");
  }
  return state;
}

}  // namespace tiercel::store
